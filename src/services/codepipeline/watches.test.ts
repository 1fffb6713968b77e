import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { changed } from "./watches.ts";

describe("what a change is of", () => {
  const branch = { event: "referenceUpdated", referenceType: "branch", referenceName: "main", repositoryName: "app" };
  const cases: [string, object, string[] | undefined][] = [
    ["aws.codecommit", branch, ["codecommit", "app", "main"]],
    ["aws.codecommit", { ...branch, event: "referenceCreated" }, ["codecommit", "app", "main"]],
    ["aws.codecommit", { ...branch, event: "referenceDeleted" }, undefined],
    ["aws.codecommit", { ...branch, referenceType: "tag" }, undefined],
    ["aws.s3", { bucket: { name: "b" }, object: { key: "k" } }, ["s3", "b", "k"]],
    ["aws.s3", {}, undefined],
  ];
  for (const [source, detail, what] of cases)
    it(`${source} ${JSON.stringify(detail)}`, () => assert.deepEqual(changed({ source, detail: detail as Record<string, unknown> }), what));
});
