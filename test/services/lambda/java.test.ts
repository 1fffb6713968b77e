import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { after, before, test } from "node:test";
import { promisify } from "node:util";
import { type Files, type Setting, startSetting } from "./setting.ts";

const skip = existsSync("/usr/bin/javac") ? false : "no JDK is installed";
let setting: Setting;
let classes: Files;

/** The interfaces as aws-lambda-java-core has them, which a function's jar brings along. */
const core = {
  "com/amazonaws/services/lambda/runtime/LambdaLogger.java": `package com.amazonaws.services.lambda.runtime;
    public interface LambdaLogger { void log(String message); void log(byte[] message); }`,
  "com/amazonaws/services/lambda/runtime/Context.java": `package com.amazonaws.services.lambda.runtime;
    public interface Context { String getAwsRequestId(); String getFunctionName(); int getMemoryLimitInMB(); int getRemainingTimeInMillis(); LambdaLogger getLogger(); String getInvokedFunctionArn(); }`,
  "com/amazonaws/services/lambda/runtime/RequestHandler.java": `package com.amazonaws.services.lambda.runtime;
    public interface RequestHandler<I, O> { O handleRequest(I input, Context context); }`,
  "com/amazonaws/services/lambda/runtime/RequestStreamHandler.java": `package com.amazonaws.services.lambda.runtime;
    public interface RequestStreamHandler { void handleRequest(java.io.InputStream in, java.io.OutputStream out, Context context) throws java.io.IOException; }`,
};
const own = {
  "app/Plain.java": `package app;
    import com.amazonaws.services.lambda.runtime.*;
    import java.util.*;
    public class Plain {
      public enum Colour { RED, GREEN }
      public static class Order { private String id; private List<Line> lines; private Colour colour; public boolean paid;
        public String getId() { return id; } public void setId(String id) { this.id = id; }
        public List<Line> getLines() { return lines; } public void setLines(List<Line> lines) { this.lines = lines; }
        public Colour getColour() { return colour; } public void setColour(Colour colour) { this.colour = colour; } }
      public static class Line { private int count; private Double price; public int getCount() { return count; } public void setCount(int count) { this.count = count; }
        public Double getPrice() { return price; } public void setPrice(Double price) { this.price = price; } }
      private int calls;
      public String handler(String name, Context context) { return "Hello " + name + " from " + context.getFunctionName(); }
      public int count() { return ++calls; }
      public Map<String, Integer> lengths(Map<String, String> words) { Map<String, Integer> r = new TreeMap<>(); words.forEach((k, v) -> r.put(k, v.length())); return r; }
      public Order order(Order order) { order.getLines().get(0).setCount(order.getLines().get(0).getCount() + 1); return order; }
      public static long sum(List<Long> numbers) { long s = 0; for (Long n : numbers) s += n; return s; }
      public Object any(Object event) { return event; }
      public void nothing(Context context) { context.getLogger().log("logged\\nlines"); System.out.println("printed"); System.err.print("no end"); }
      public String failing(Object event) { try { inner(); } catch (RuntimeException e) { throw new IllegalStateException("outer", e); } return null; }
      private void inner() { throw new RuntimeException("inner"); }
      public String slow() throws Exception { Thread.sleep(30000); return ""; }
      public String exiting() { System.exit(5); return ""; }
    }`,
  "app/Typed.java": `package app;
    import com.amazonaws.services.lambda.runtime.*;
    public class Typed implements RequestHandler<Integer, String> { public String handleRequest(Integer input, Context context) { return "n" + (input + 1) + (context.getRemainingTimeInMillis() > 0); } }`,
  "app/Streaming.java": `package app;
    import com.amazonaws.services.lambda.runtime.*; import java.io.*;
    public class Streaming implements RequestStreamHandler { public void handleRequest(InputStream in, OutputStream out, Context context) throws IOException { out.write('['); int b; while ((b = in.read()) >= 0) out.write(b); out.write(']'); } }`,
  "app/Broken.java": `package app; public class Broken { public Broken() { throw new IllegalArgumentException("no way"); } public String handler() { return ""; } }`,
};

before(async () => {
  if (skip) return;
  const scratch = await mkdtemp(join(tmpdir(), "mayfly-java-"));
  const sources = Object.entries({ ...core, ...own });
  for (const [path, text] of sources) {
    await mkdir(dirname(join(scratch, "src", path)), { recursive: true });
    await writeFile(join(scratch, "src", path), text);
  }
  await promisify(execFile)("/usr/bin/javac", [
    "--release",
    "8",
    "-Xlint:-options",
    "-d",
    join(scratch, "out"),
    ...sources.map(([path]) => join(scratch, "src", path)),
  ]);
  const found = (await readdir(join(scratch, "out"), { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile());
  classes = Object.fromEntries(
    await Promise.all(
      found.map(async ({ parentPath, name }) => [
        relative(join(scratch, "out"), join(parentPath, name)),
        await readFile(join(parentPath, name)),
      ]),
    ),
  );
  await rm(scratch, { recursive: true });
  setting = await startSetting();
});
after(() => setting?.stop());

const java = (name: string, Handler: string, more = {}) =>
  setting.make(name, classes, { Runtime: "java8", Handler, MemorySize: 256, Timeout: 30, ...more });

const calls: [string, unknown, unknown][] = [
  ["app.Plain::handler", "you", "Hello you from call0"],
  ["app.Plain::lengths", { a: "one", b: "three" }, { a: 3, b: 5 }],
  [
    "app.Plain::order",
    { id: "o", lines: [{ count: 1, price: 2.5 }], colour: "GREEN", paid: true, other: 1 },
    { id: "o", lines: [{ count: 2, price: 2.5 }], colour: "GREEN", paid: true },
  ],
  ["app.Plain::sum", [1, 2, 9_000_000_000], 9_000_000_003],
  ["app.Plain::any", { ä: [1, 1.5, true, null, 'q"\n\u0001'] }, { ä: [1, 1.5, true, null, 'q"\n\u0001'] }],
  ["app.Typed", 41, "n42true"],
  ["app.Streaming", { raw: 1 }, [{ raw: 1 }]],
];
for (const [index, [handler, event, expected]] of calls.entries())
  test(`handlers: ${handler}`, { skip }, async () => {
    await java(`call${index}`, handler);
    const { answer, error } = await setting.invoke(`call${index}`, event);
    assert.deepEqual([answer, error], [expected, undefined]);
  });

const failures: [string, string, RegExp, unknown?][] = [
  ["app.Absent::handler", "java.lang.ClassNotFoundException", /^Class not found: app\.Absent$/],
  ["app.Plain::absent", "java.lang.NoSuchMethodException", /^No public method named absent .* found on class app\.Plain$/],
  ["app.Broken::handler", "java.lang.IllegalArgumentException", /^no way$/],
  [
    "app.Typed",
    "java.lang.RuntimeException",
    /An error occurred during JSON parsing: Cannot deserialize value of type `java\.lang\.Integer` from Object value/,
    {},
  ],
  ["app.Plain::exiting", "Runtime.ExitError", /exit status 5$/],
];
for (const [index, [handler, type, message, event]] of failures.entries())
  test(`errors: ${handler}: ${type}`, { skip }, async () => {
    await java(`failure${index}`, handler);
    const { answer, error } = await setting.invoke(`failure${index}`, event);
    assert.deepEqual([error, answer.errorType], ["Unhandled", type]);
    assert.match(answer.errorMessage, message);
  });

test("an exception is told with its causes and traces", { skip }, async () => {
  await java("failing", "app.Plain::failing");
  const { answer, log } = await setting.invoke("failing", {});
  assert.deepEqual(
    [answer.errorType, answer.errorMessage, answer.cause.errorType, answer.cause.errorMessage],
    ["java.lang.IllegalStateException", "outer", "java.lang.RuntimeException", "inner"],
  );
  assert.deepEqual(answer.stackTrace.length, 1, answer.stackTrace.join("\n"));
  assert.match(answer.stackTrace[0], /^app\.Plain\.failing\(Plain\.java:\d+\)$/);
  assert.match(log, /outer: java\.lang\.IllegalStateException\njava\.lang\.IllegalStateException: outer\n\tat app\.Plain\.failing/);
});

test("logs, and one instance for one call after another", { skip }, async () => {
  await java("talking", "app.Plain::nothing");
  const { log, answer } = await setting.invoke("talking");
  assert.equal(answer, null);
  assert.match(
    log,
    /^START RequestId: .*\nlogged\nlines\nprinted\nno end\nEND RequestId: .*\nREPORT RequestId: .*\tMax Memory Used: \d+ MB\tInit Duration/,
  );
  await java("counting", "app.Plain::count", { Runtime: "java17" });
  assert.deepEqual([(await setting.invoke("counting")).answer, (await setting.invoke("counting")).answer], [1, 2]);
});

test("time is up when it is up", { skip }, async () => {
  await java("slow", "app.Plain::slow", { Timeout: 1 });
  assert.match((await setting.invoke("slow")).answer.errorMessage, /Task timed out after 1\.00 seconds$/);
});

test("jars in lib are on the class path", { skip }, async () => {
  const { zipOf } = await import("./setting.ts");
  const jar = await zipOf(Object.fromEntries(Object.entries(classes).filter(([path]) => !path.startsWith("app/Typed"))));
  const { "app/Typed.class": typed } = classes;
  await setting.make(
    "libraries",
    { "app/Typed.class": typed as Uint8Array, "lib/core.jar": jar },
    { Runtime: "java8", Handler: "app.Typed", MemorySize: 256 },
  );
  assert.equal((await setting.invoke("libraries", 1)).answer, "n2true");
});
