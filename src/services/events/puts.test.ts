import assert from "node:assert/strict";
import { test } from "node:test";
import type { PutEventsRequestEntry } from "@aws-sdk/client-eventbridge";
import { systemClock } from "../../lib/clock.ts";
import { openMemory } from "../../store/open.ts";
import { servicePrincipal } from "../principal.ts";
import type { Call, Context, Hearing } from "../service.ts";
import { putOperations } from "./puts.ts";

const account = "123456789012";
const hearings: Hearing[] = [
  { source: "aws.codecommit", detailType: "Pushed", task: "codepipeline.hearSource" },
  { source: "aws.codecommit", task: "other.hear" },
  { source: "aws.codecommit", task: "other.hear" },
  { source: "aws.s3", task: "s3.hear" },
  { source: "my.app", task: "mine.hear" },
];
const user = { kind: "user", account, arn: "arn:aws:iam::123456789012:user/u", id: "AIDA" } as const;
const entry: PutEventsRequestEntry = {
  Source: "aws.codecommit",
  DetailType: "Pushed",
  Detail: '{"commit":"c1"}',
  Time: new Date("2026-01-01T00:00:00Z"),
};

/** What is put, call after call, as that principal, and the tasks that follow. */
const after = async (principal: Call["principal"], ...puts: PutEventsRequestEntry[]) => {
  const store = await openMemory();
  const { PutEvents } = putOperations({ store, clock: systemClock, hearings } as unknown as Context);
  const ids: (string | undefined)[] = [];
  for (const one of puts)
    ids.push((await PutEvents?.({ Entries: [one] }, { account, region: "us-east-1", principal } as Call))?.Entries?.[0]?.EventId);
  const tasks = await store.transaction((session) => session.db.selectFrom("task").select(["name", "payload"]).execute());
  await store.close();
  return {
    ids,
    tasks: tasks.map(({ name, payload }) => ({ name, payload: JSON.parse(payload) })).filter(({ name }) => name !== "events.forget"),
  };
};
const names = (tasks: { name: string }[]) => tasks.map(({ name }) => name).sort();
const codecommit = servicePrincipal("codecommit", account);

test("each task that hears a service's event gets it once, in the transaction of the put", async () => {
  const { ids, tasks } = await after(codecommit, entry);
  assert.deepEqual(names(tasks), ["codepipeline.hearSource", "other.hear"]);
  assert.deepEqual(tasks[0]?.payload, {
    version: "0",
    id: ids[0],
    "detail-type": "Pushed",
    source: "aws.codecommit",
    account,
    time: "2026-01-01T00:00:00Z",
    region: "us-east-1",
    resources: [],
    detail: { commit: "c1" },
  });
});

test("of a source's events only the wanted types are heard", async () =>
  assert.deepEqual(names((await after(codecommit, { ...entry, DetailType: "Deleted" })).tasks), ["other.hear"]));

test("nobody else makes the services hear", async () => {
  assert.deepEqual((await after(user, entry)).tasks, []);
  assert.deepEqual((await after(user, { ...entry, Source: "my.app" })).tasks, []);
  assert.deepEqual((await after(codecommit, { ...entry, EventBusName: "nowhere" })).tasks, []);
});

test("an announcement that is repeated is one event", async () => {
  for (const one of [entry, { ...entry, Time: undefined, TraceHeader: "t1" }]) {
    const { ids, tasks } = await after(codecommit, one, one);
    assert.equal(ids[0], ids[1]);
    assert.equal(tasks.length, 2);
  }
});

test("what differs is another event", async () => {
  const { ids, tasks } = await after(
    codecommit,
    entry,
    { ...entry, Detail: '{"commit":"c2"}' },
    { ...entry, Time: new Date("2026-01-01T00:00:01Z") },
  );
  assert.equal(new Set(ids).size, 3);
  assert.equal(tasks.length, 6);
});
