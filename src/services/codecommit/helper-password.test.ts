import assert from "node:assert/strict";
import { test } from "node:test";
import { helperSignature, regionOfHelperPassword } from "./helper-password.ts";

const secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
const made = new Date("2026-01-02T03:04:05Z");
const time = "20260102T030405";
const password = `${time}Z${helperSignature(secret, "eu-west-1", time, "127.0.0.1", "/v1/repos/demo")}`;
const candidates = { regions: ["us-east-1", "eu-west-1"], hosts: ["127.0.0.1", "127.0.0.1:4566"], paths: ["/v1/repos/demo"] };
const after = (minutes: number) => new Date(made.getTime() + minutes * 60_000);

// Made by awscli 2.9 for this secret, time, region, host and path.
test("the signature is the one the AWS CLI makes", () => {
  assert.equal(password, "20260102T030405Zc8a7a0af3b5dbc9ce512d1c68ba49de64d348c47d4f43634f53ba52f78a010eb");
});

const cases: [string, string, typeof candidates, Date, string | undefined][] = [
  ["the region is the one that was signed for", password, candidates, made, "eu-west-1"],
  ["valid for 15 minutes", password, candidates, after(15), "eu-west-1"],
  ["and not longer", password, candidates, after(15.1), undefined],
  ["nor much before", password, candidates, after(-15.1), undefined],
  ["another path", password, { ...candidates, paths: ["/v1/repos/other"] }, made, undefined],
  ["another host", password, { ...candidates, hosts: ["localhost"] }, made, undefined],
  ["another region", password, { ...candidates, regions: ["us-east-1"] }, made, undefined],
  ["a changed signature", password.replace(/.$/, (last) => (last === "0" ? "1" : "0")), candidates, made, undefined],
  ["a time that is none", `20269902T030405Z${"0".repeat(64)}`, candidates, made, undefined],
  ["something else", "hunter2", candidates, made, undefined],
];
for (const [name, given, of, now, region] of cases) {
  test(name, () => assert.equal(regionOfHelperPassword(given, secret, of, now), region));
}

test("another secret", () => assert.equal(regionOfHelperPassword(password, "other", candidates, made), undefined));
