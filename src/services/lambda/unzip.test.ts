import assert from "node:assert/strict";
import { mkdtemp, readFile, readlink, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { after, test } from "node:test";
import yazl from "yazl";
import { BadZip, unzip } from "./unzip.ts";

const scratch = await mkdtemp(join(tmpdir(), "mayfly-unzip-"));
after(() => rm(scratch, { recursive: true }));

const zipOf = async (name: string, files: [string, string, number?][]) => {
  const zip = new yazl.ZipFile();
  for (const [path, text, mode] of files) zip.addBuffer(Buffer.from(text), path, { mode: mode ?? 0o100644 });
  zip.end();
  const file = join(scratch, `${name}.zip`);
  await writeFile(file, await buffer(zip.outputStream as NodeJS.ReadableStream));
  return file;
};

test("unpacks files, folders, modes and links", async () => {
  const file = await zipOf("good", [
    ["index.js", "x"],
    ["bin/tool", "#!/bin/sh\n", 0o100755],
    ["bin/alias", "tool", 0o120777],
    ["secret", "s", 0o100600],
  ]);
  const folder = join(scratch, "good");
  assert.equal(await unzip(file, folder, 1000), 16);
  assert.equal(await readFile(join(folder, "index.js"), "utf8"), "x");
  assert.equal((await stat(join(folder, "bin/tool"))).mode & 0o777, 0o755);
  assert.equal((await stat(join(folder, "secret"))).mode & 0o777, 0o644, "the function may run as somebody else");
  assert.equal(await readlink(join(folder, "bin/alias")), "tool");
});

test("no file is written through a link", async () => {
  const file = await zipOf("through", [
    ["out", scratch, 0o120777],
    ["out/planted", "x"],
  ]);
  await assert.rejects(unzip(file, join(scratch, "through"), 1000), BadZip);
  await assert.rejects(stat(join(scratch, "planted")));
});

test("no link is made through a link", async () => {
  const file = await zipOf("links", [
    ["out", scratch, 0o120777],
    ["out/planted", "/etc", 0o120777],
  ]);
  await assert.rejects(unzip(file, join(scratch, "links"), 1000), BadZip);
  await assert.rejects(readlink(join(scratch, "planted")));
});

test("a package is laid over another, not through its links", async () => {
  const below = await zipOf("below", [
    ["kept", "k"],
    ["file", "longer than the other"],
    ["link", scratch, 0o120777],
    ["way", join(scratch, "planted"), 0o120777],
  ]);
  const above = await zipOf("above", [
    ["file", "new", 0o100755],
    ["way", "mine"],
  ]);
  const folder = join(scratch, "layers");
  await unzip(below, folder, 1000);
  await unzip(above, folder, 1000);
  assert.equal(await readFile(join(folder, "kept"), "utf8"), "k");
  assert.equal(await readFile(join(folder, "file"), "utf8"), "new");
  assert.equal(await readFile(join(folder, "way"), "utf8"), "mine");
  await assert.rejects(stat(join(scratch, "planted")));
  await assert.rejects(unzip(await zipOf("bad", [["link/planted", "x"]]), folder, 1000), BadZip);
  await assert.rejects(stat(join(scratch, "planted")));
});

test("a package that is no zip, is cut or too large is told so", async () => {
  const text = join(scratch, "text.zip");
  await writeFile(text, "no zip at all");
  await assert.rejects(unzip(text, join(scratch, "text"), 1000), BadZip);
  const empty = join(scratch, "empty.zip");
  await writeFile(empty, "");
  await assert.rejects(unzip(empty, join(scratch, "empty"), 1000), BadZip);
  const whole = await readFile(await zipOf("whole", [["a", "a".repeat(100)]]));
  const cut = join(scratch, "cut.zip");
  await writeFile(cut, whole.subarray(10));
  await assert.rejects(unzip(cut, join(scratch, "cut"), 1000), BadZip);
  await assert.rejects(unzip(join(scratch, "whole.zip"), join(scratch, "large"), 99), /Unzipped size must be smaller than 99 bytes/);
});

test("damaged content is told so", async () => {
  const whole = await readFile(await zipOf("sound", [["a", "some text, some text, some text"]]));
  const spoilt = Buffer.from(whole);
  spoilt.fill(0xff, 33, 40);
  const file = join(scratch, "spoilt.zip");
  await writeFile(file, spoilt);
  await assert.rejects(unzip(file, join(scratch, "spoilt"), 1000), BadZip);
});
