import assert from "node:assert/strict";
import { test } from "node:test";
import { systemClock } from "../../lib/clock.ts";
import { logTo } from "../../lib/log.ts";
import type { Task } from "../../queue/queue.ts";
import { createQueue } from "../../queue/worker.ts";
import { openMemory } from "../../store/open.ts";
import type { Call, Context } from "../service.ts";
import { type Delivery, type Rule, rules } from "./records.ts";
import { ruleOperations } from "./rules.ts";
import { tick } from "./tick.ts";

const place = { account: "123456789012", region: "us-east-1" };
const minute = 60_000;
const rule: Rule = {
  bus: "default",
  name: "often",
  schedule: "rate(5 minutes)",
  stamp: "s1",
  enabled: true,
  tags: {},
  targets: [{ id: "t", arn: "arn:aws:sns:us-east-1:123456789012:topic" }],
};

/** What is delivered and planned after a tick of that stamp, due so long ago. */
const after = async (stamp: string, overdueMs: number) => {
  const store = await openMemory();
  const at = new Date(Date.now() - overdueMs).toISOString();
  const delivered: Delivery[] = [];
  await store.write(async (tx) => {
    await tx.put(rules, [place.account, place.region, rule.bus, rule.name], rule);
    await tx.later({ name: "events.tick", payload: { place, bus: rule.bus, rule: rule.name, stamp, at } });
  });
  const context = { store, clock: systemClock } as unknown as Context;
  const handlers: Record<string, (task: Task) => Promise<void>> = {
    "events.tick": tick(context),
    "events.deliver": async (task) => void delivered.push(task.payload),
  };
  const queue = createQueue({ store, log: logTo(() => {}), handler: async (name) => handlers[name] as (task: Task) => Promise<void> });
  await queue.start();
  await queue.idle();
  await queue.stop();
  const planned = await store.transaction((session) => session.db.selectFrom("task").select(["name", "payload"]).execute());
  await store.close();
  return { at, delivered, planned: planned.map(({ name, payload }) => ({ name, at: (JSON.parse(payload) as { at: string }).at })) };
};

test("a moment sends the scheduled event and plans the next, counted from itself", async () => {
  const { at, delivered, planned } = await after("s1", 1_000);
  assert.equal(delivered.length, 1);
  const event = JSON.parse(delivered[0]?.input as string);
  assert.deepEqual([event.source, event["detail-type"], event.time], ["aws.events", "Scheduled Event", `${at.slice(0, 19)}Z`]);
  assert.deepEqual(event.resources, ["arn:aws:events:us-east-1:123456789012:rule/often"]);
  assert.deepEqual(planned, [{ name: "events.tick", at: new Date(Date.parse(at) + 5 * minute).toISOString() }]);
});

test("moments that passed while the server was down count as one", async () => {
  const { delivered, planned } = await after("s1", 12 * minute);
  assert.equal(delivered.length, 1);
  assert.equal(planned.length, 1);
  const wait = Date.parse(planned[0]?.at as string) - Date.now();
  assert.ok(wait > 4 * minute && wait <= 5 * minute, `${wait} ms`);
});

test("the clock of a schedule that was changed or switched off ends", async () => {
  const { delivered, planned } = await after("an older one", 1_000);
  assert.deepEqual([delivered, planned], [[], []]);
});

test("a rule's clock starts with its schedule, goes on when the rule is put again, and starts anew with another one", async () => {
  const store = await openMemory();
  const { PutRule, DisableRule, EnableRule } = ruleOperations({ store, clock: systemClock } as unknown as Context);
  const stamps = async () => {
    const rows = await store.transaction((session) => session.db.selectFrom("task").select("payload").execute());
    return rows.map(({ payload }) => (JSON.parse(payload) as { stamp: string }).stamp);
  };
  const current = async () => (await store.read((tx) => tx.get(rules, [place.account, place.region, "default", "r"])))?.stamp;
  const put = (ScheduleExpression: string) => PutRule?.({ Name: "r", ScheduleExpression }, place as Call);
  await put("rate(5 minutes)");
  const first = await current();
  assert.deepEqual(await stamps(), [first]);
  await put("rate(5 minutes)");
  assert.deepEqual(await stamps(), [first]);
  await put("rate(6 minutes)");
  const second = await current();
  assert.notEqual(second, first);
  assert.deepEqual(new Set(await stamps()), new Set([first, second]));
  await DisableRule?.({ Name: "r" }, place as Call);
  assert.equal(await current(), undefined);
  await EnableRule?.({ Name: "r" }, place as Call);
  assert.ok(![first, second, undefined].includes(await current()));
  assert.ok((await stamps()).includes((await current()) as string));
  await store.close();
});
