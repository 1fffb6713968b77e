import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createOutput } from "./output.ts";

const mark = (what: string) => `\x1eN0 12.34 ${what}\x1e`;
const all = (...chunks: string[]) => {
  const output = createOutput("N0");
  const items = [...chunks.flatMap((chunk) => output.push(Buffer.from(chunk))), ...output.end()];
  return items.map((item) => (item.kind === "line" ? item.text : item.words));
};

describe("createOutput", () => {
  it("separates lines and marks", () => assert.deepEqual(all(`one\n${mark("run 1")}two\r\n\n`), ["one", ["run", "1"], "two", ""]));
  it("finds a mark behind an unfinished line", () => assert.deepEqual(all(`abc${mark("ran 1 0")}def`), ["abc", ["ran", "1", "0"], "def"]));
  it("joins what comes in pieces", () => {
    const text = `één line\n${mark("phase BUILD")}`;
    const bytes = Buffer.from(text);
    for (let cut = 0; cut <= bytes.length; cut++) {
      const output = createOutput("N0");
      const items = [...output.push(bytes.subarray(0, cut)), ...output.push(bytes.subarray(cut)), ...output.end()];
      assert.deepEqual(
        items.map((item) => (item.kind === "line" ? item.text : item.words.join(" "))),
        ["één line", "phase BUILD"],
      );
      assert.equal(items.at(-1)?.end, bytes.length);
    }
  });
  it("takes no mark with another number", () => assert.deepEqual(all("\x1eN1 1 finished\x1e\n"), ["\x1eN1 1 finished\x1e"]));
  it("cuts lines that never end", () => assert.equal(all("x".repeat(500 * 1024)).length, 3));
});
