import assert from "node:assert/strict";
import { Readable } from "node:stream";
import { test } from "node:test";
import { band, flush, MalformedPktLine, pktLine } from "./pkt-lines.ts";
import { advertiseReceive, readCommands, report } from "./receive-request.ts";
import { noObject } from "./refs.ts";

const a = "a".repeat(40);
const b = "b".repeat(40);
const body = Buffer.concat([
  pktLine(`shallow ${a}`),
  pktLine(`${noObject} ${a} refs/heads/main\0 report-status side-band-64k atomic agent=git/2`),
  pktLine(`${a} ${b} refs/heads/other name\n`),
  flush,
  Buffer.from("PACK and more"),
]);
const all = async (chunks: AsyncIterable<Buffer>) => {
  const read: Buffer[] = [];
  for await (const chunk of chunks) read.push(chunk);
  return Buffer.concat(read).toString();
};

for (const size of [1, 7, 1000]) {
  test(`commands and pack are told apart in chunks of ${size}`, async () => {
    const chunks = Array.from({ length: Math.ceil(body.length / size) }, (_, index) => body.subarray(index * size, (index + 1) * size));
    const request = await readCommands(Readable.from(chunks));
    assert.ok(request);
    assert.deepEqual(request.updates, [
      { from: noObject, to: a, ref: "refs/heads/main" },
      { from: a, to: b, ref: "refs/heads/other name" },
    ]);
    assert.deepEqual([...request.capabilities], ["report-status", "side-band-64k", "atomic", "agent=git/2"]);
    assert.deepEqual(request.shallow, [a]);
    assert.equal(await all(request.pack), "PACK and more");
  });
}

test("a bare flush is a probe", async () => assert.equal(await readCommands(Readable.from([flush])), undefined));

const malformed: [string, Buffer][] = [
  ["no length", Buffer.from("xyz!")],
  ["a length of three", Buffer.from("0003")],
  ["an end within the commands", body.subarray(0, 60)],
  ["a short object id", Buffer.concat([pktLine("abc def refs/heads/main\0"), flush])],
  ["a push certificate", Buffer.concat([pktLine("push-cert\0"), flush])],
];
for (const [name, bytes] of malformed) {
  test(`malformed: ${name}`, () => assert.rejects(readCommands(Readable.from([bytes])), MalformedPktLine));
}

test("the report says what happened to each reference, on the band the client asked for", () => {
  const verdicts = [{ ref: "refs/heads/a" }, { ref: "refs/heads/b", reason: "fetch first" }];
  const plain = "000eunpack ok\n0014ok refs/heads/a\n0020ng refs/heads/b fetch first\n0000";
  assert.equal(report(new Set(["report-status"]), undefined, verdicts).toString(), plain);
  assert.deepEqual(report(new Set(["report-status", "side-band-64k"]), undefined, verdicts), Buffer.concat([band(1, plain), flush]));
  assert.equal(report(new Set(), undefined, verdicts).length, 0);
  assert.match(report(new Set(["report-status"]), "bad pack", []).toString(), /unpack bad pack/);
});

test("an empty repository advertises its capabilities all the same", () => {
  const text = advertiseReceive([], "").toString();
  assert.match(text, /^001f# service=git-receive-pack\n0000[0-9a-f]{4}0{40} capabilities\^\{\}\0.*report-status.*\n0000$/);
  assert.match(
    advertiseReceive([{ name: "refs/heads/main", target: a }], "version=1").toString(),
    /000eversion 1\n[0-9a-f]{4}a{40} refs\/heads\/main\0/,
  );
});

test("long payloads are divided among lines of a band", () => {
  const bytes = band(1, Buffer.alloc(70_000));
  assert.equal(bytes.toString("latin1", 0, 4), "fff0");
  assert.equal(bytes.length, 70_000 + 2 * 5);
});
