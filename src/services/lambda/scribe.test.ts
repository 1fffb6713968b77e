import assert from "node:assert/strict";
import { test } from "node:test";
import { createScribe, mark } from "./scribe.ts";

const report = (requestId: string) => ({ requestId, durationMs: 1, memoryMb: 128 });
const reported = (requestId: string) => `REPORT RequestId: ${requestId}\tDuration: 1.00 ms\tBilled Duration: 1 ms\tMemory Size: 128 MB\t`;
const scribeOf = (marks: boolean, graceMs = 10_000) => {
  const lines: string[] = [];
  return { lines, scribe: createScribe({ write: (line) => lines.push(line), marks, graceMs }) };
};

test("output that arrives after the answer still stands before END", async () => {
  const { lines, scribe } = scribeOf(true);
  scribe.start("a", "1");
  scribe.output(Buffer.from(`loading\n${mark}init\none\ntw`));
  scribe.end(report("a"));
  const tail = scribe.tail("a");
  scribe.start("b", "1");
  scribe.output(Buffer.from(`o\n${mark}a\nthree\n`));
  assert.deepEqual(lines, [
    "loading",
    "START RequestId: a Version: 1",
    "one",
    "two",
    "END RequestId: a",
    reported("a"),
    "START RequestId: b Version: 1",
    "three",
  ]);
  assert.equal(await tail, `START RequestId: a Version: 1\none\ntwo\nEND RequestId: a\n${reported("a")}\n`);
});

test("a mark may come before the answer, and behind text without a line end", () => {
  const { lines, scribe } = scribeOf(true);
  scribe.start("a", "1");
  scribe.output(Buffer.from(`${mark}init\nno line end${mark}a\n`));
  scribe.end(report("a"));
  assert.deepEqual(lines.slice(1), ["no line end", "END RequestId: a", reported("a")]);
});

test("without marks, the grace or the next start closes an invocation", async () => {
  const { lines, scribe } = scribeOf(false, 1);
  scribe.start("a", "1");
  scribe.output(Buffer.from("unfinished"));
  scribe.end(report("a"));
  await scribe.tail("a");
  assert.deepEqual(lines.slice(1), ["unfinished", "END RequestId: a", reported("a")]);
  scribe.start("b", "1");
  scribe.end(report("b"));
  scribe.start("c", "1");
  assert.deepEqual(lines.slice(4), ["START RequestId: b Version: 1", "END RequestId: b", reported("b"), "START RequestId: c Version: 1"]);
});

test("the end of the output closes what is answered, after its last words", () => {
  const { lines, scribe } = scribeOf(true);
  scribe.start("a", "1");
  scribe.output(Buffer.from(`${mark}init\nlast words`));
  scribe.end(report("a"), "Task timed out");
  scribe.close();
  assert.deepEqual(lines, ["START RequestId: a Version: 1", "last words", "Task timed out", "END RequestId: a", reported("a")]);
});

test("a record separator of the function's own is text", () => {
  const { lines, scribe } = scribeOf(false);
  scribe.start("a", "1");
  scribe.output(Buffer.from(`x${mark}y\n`));
  assert.deepEqual(lines.slice(1), [`x${mark}y`]);
});
