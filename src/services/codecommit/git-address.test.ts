import assert from "node:assert/strict";
import { test } from "node:test";
import { candidatesOf, readAddress } from "./git-address.ts";

const cases: [string, string, string | undefined][] = [
  ["127.0.0.1:4566", "/v1/repos/demo/info/refs", "demo info/refs - /v1/repos/demo"],
  ["127.0.0.1:4566", "/v1/repos/demo.git/git-upload-pack", "demo git-upload-pack - /v1/repos/demo.git"],
  ["127.0.0.1:4566", "/eu-west-1/v1/repos/demo/git-receive-pack", "demo git-receive-pack eu-west-1 /eu-west-1/v1/repos/demo"],
  ["git-codecommit.us-west-2.amazonaws.com", "/v1/repos/a.b/info/refs", "a.b info/refs us-west-2 /v1/repos/a.b"],
  ["git-codecommit-fips.us-gov-west-1.amazonaws.com:443", "/v1/repos/a/info/refs", "a info/refs us-gov-west-1 /v1/repos/a"],
  ["localhost", "/v1/repos/demo/archive/0123456789012345678901234567890123456789.zip", "demo archive - /v1/repos/demo"],
  ["localhost", "/v1/repos/demo/archive/main.zip", undefined],
  ["localhost", "/v1/repos/demo/bundle/a/b%23c", "demo bundle - /v1/repos/demo a/b#c"],
  ["localhost", "/v1/repos/demo/bundle/", undefined],
  ["localhost", "/v1/repos/demo", undefined],
  ["localhost", "/v1/repos/demo/objects/info/packs", undefined],
  ["localhost", "/v1/repos/a/b/info/refs", undefined],
];
for (const [host, path, expected] of cases) {
  test(`${host}${path}`, () => {
    const read = readAddress(host, path);
    assert.equal(
      read && `${read.name} ${read.verb} ${read.region ?? "-"} ${read.base}${read.branch === undefined ? "" : ` ${read.branch}`}`,
      expected,
    );
  });
}

test("candidates: every region unless the address names one, host with and without its port", () => {
  const free = readAddress("127.0.0.1:4566", "/v1/repos/demo/info/refs");
  const bound = readAddress("127.0.0.1:4566", "/eu-west-1/v1/repos/demo/info/refs");
  assert.ok(free && bound);
  const candidates = candidatesOf(free, "127.0.0.1:4566", ["moon-east-1"]);
  assert.equal(candidates.regions[0], "moon-east-1");
  assert.ok(candidates.regions.includes("eu-west-1"));
  assert.deepEqual(candidates.hosts, ["127.0.0.1", "127.0.0.1:4566"]);
  assert.deepEqual(candidatesOf(bound, "127.0.0.1:4566", []).regions, ["eu-west-1"]);
});
