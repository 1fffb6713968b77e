package io.symphonia;
public class Lambda2 { public String handler(String name) { return "Lambda2 greets " + name; } }
