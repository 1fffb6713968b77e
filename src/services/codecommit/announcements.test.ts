import assert from "node:assert/strict";
import { test } from "node:test";
import { referenceEvent } from "./announcements.ts";
import { noObject } from "./refs.ts";
import { referencesFor, triggerRecords } from "./trigger-events.ts";

const [a, b] = ["a".repeat(40), "b".repeat(40)];
const of = {
  account: "123456789012",
  region: "eu-west-1",
  repositoryName: "demo",
  repositoryId: "id",
  callerArn: "arn:aws:iam::123456789012:user/ann",
  updates: [],
  time: "2026-01-02T03:04:05.000Z",
};
const common = { callerUserArn: of.callerArn, repositoryId: "id", repositoryName: "demo" };
const branch = { referenceFullName: "refs/heads/a/b", referenceName: "a/b", referenceType: "branch" };
const cases: [string, { ref: string; from: string; to: string }, object | undefined][] = [
  ["created", { ref: "refs/heads/a/b", from: noObject, to: a }, { ...common, ...branch, event: "referenceCreated", commitId: a }],
  ["updated", { ref: "refs/heads/a/b", from: a, to: b }, { ...common, ...branch, event: "referenceUpdated", commitId: b, oldCommitId: a }],
  ["deleted", { ref: "refs/heads/a/b", from: a, to: noObject }, { ...common, ...branch, event: "referenceDeleted", oldCommitId: a }],
  [
    "a tag",
    { ref: "refs/tags/v1", from: noObject, to: a },
    { ...common, referenceFullName: "refs/tags/v1", referenceName: "v1", referenceType: "tag", event: "referenceCreated", commitId: a },
  ],
  ["a note", { ref: "refs/notes/commits", from: noObject, to: a }, undefined],
];
for (const [name, update, detail] of cases) {
  test(`the event of a reference: ${name}`, () => {
    const event = referenceEvent(of, update, undefined);
    assert.deepEqual(event && JSON.parse(event.Detail), detail);
    if (event) assert.deepEqual(event.Resources, ["arn:aws:codecommit:eu-west-1:123456789012:demo"]);
  });
}

test("what is known of the commit stands under one additive key", () => {
  const news = { commitId: b, author: { name: "Ann", email: "a@b" }, message: "m", changedPaths: ["x"], truncated: false };
  const event = referenceEvent(of, { ref: "refs/heads/main", from: noObject, to: b }, news);
  assert.deepEqual(JSON.parse(event?.Detail ?? "").mayfly, {
    commit: { id: b, author: { name: "Ann", email: "a@b" }, message: "m" },
    changedPaths: ["x"],
    changedPathsTruncated: false,
  });
});

const trigger = {
  name: "t",
  destinationArn: "arn:aws:sns:eu-west-1:123456789012:topic",
  branches: ["main"],
  events: ["createReference", "deleteReference"],
};
test("a trigger hears of its branches and kinds of change", () => {
  const updates = [
    { ref: "refs/heads/main", from: noObject, to: a },
    { ref: "refs/heads/main", from: a, to: b },
    { ref: "refs/heads/main", from: b, to: noObject },
    { ref: "refs/heads/other", from: noObject, to: a },
  ];
  assert.deepEqual(referencesFor(trigger, updates), [
    { ref: "refs/heads/main", commit: a, created: true },
    { ref: "refs/heads/main", commit: b, deleted: true },
  ]);
  assert.equal(referencesFor({ ...trigger, branches: [], events: ["all"] }, updates).length, 4);
});

test("a trigger's record", () => {
  const call = {
    eventId: "e",
    region: "eu-west-1",
    repositoryArn: "arn",
    configurationId: "c",
    trigger,
    references: [],
    callerArn: "who",
    time: of.time,
  };
  const [record] = triggerRecords(call).Records;
  assert.equal(record.eventTime, "2026-01-02T03:04:05.000+0000");
  assert.equal(record.eventTriggerName, "t");
  assert.ok(!("customData" in record));
});
