package io.symphonia;
public class Lambda1 { public String handler(String name) { return "Lambda1 greets " + name; } }
