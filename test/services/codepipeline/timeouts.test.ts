/** Deadlines, on a clock that is moved by hand. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type * as sdk from "@aws-sdk/client-codepipeline";
import { logTo } from "../../../src/lib/log.ts";
import type { Task } from "../../../src/queue/queue.ts";
import { create } from "../../../src/services/codepipeline/service.ts";
import type { Call, Context } from "../../../src/services/service.ts";
import { openMemory } from "../../../src/store/open.ts";
import { approval, declare, s3Source } from "./workshop.ts";

let now = Date.parse("2026-01-01T00:00:00Z");
const place = { account: "123456789012", region: "us-east-1" };
let store: Awaited<ReturnType<typeof openMemory>>;
let service: ReturnType<typeof create>;

/** Stands for every other service: a source object of one version, and yes to all else. */
const send = async () => ({ VersionId: "v1", ETag: '"e"' });
const aws = { client: () => ({ send }), at: () => aws, as: () => aws } as unknown as Context["aws"];

before(async () => {
  store = await openMemory();
  service = create({
    store,
    aws,
    clock: { now: () => new Date(now) },
    log: logTo(() => {}),
    endpoint: () => "http://127.0.0.1:1",
  } as unknown as Context);
});
after(() => store.close());

const call = { ...place, principal: { arn: "arn:aws:iam::123456789012:root" } } as Call;
const ask = (operation: string, input: object) => service.operations.handlers[operation]!(input, call) as Promise<never>;

/** Runs a task by hand; answers when it wants to run again. */
const run = async (name: string, id: string, payload: unknown): Promise<Date | undefined> => {
  let next: Date | undefined;
  const task: Task = {
    id,
    name: `codepipeline.${name}`,
    payload,
    attempt: 1,
    signal: new AbortController().signal,
    write: (work) => store.write(work),
    finish: (work) => store.write(work),
    again: (at) => {
      next = at;
    },
  };
  await service.tasks![name]!(task);
  return next;
};

describe("an approval that nobody answers", () => {
  it("fails at its end, not before, and says so", async () => {
    const pipeline = declare("late", "arn:aws:iam::123456789012:role/r", [[s3Source()], [approval("Ask", { timeoutInMinutes: 30 })]]);
    await ask("CreatePipeline", { pipeline });
    const state = async () =>
      ((await ask("GetPipelineState", { name: "late" })) as sdk.GetPipelineStateOutput).stageStates!.at(-1)!.actionStates![0]!
        .latestExecution;
    const [{ id }] = await begun();
    await run("advance", id, { ...place, pipeline: "late" });
    assert.equal((await state())!.status, "InProgress");
    const [{ at, payload }] = await due("codepipeline.check");
    assert.equal(at, now + 30 * 60_000);

    now += 29 * 60_000;
    assert.equal((await run("check", "check", payload))!.getTime(), at);
    assert.equal((await state())!.status, "InProgress");

    now = at;
    assert.equal(await run("check", "check", payload), undefined);
    const { status, errorDetails, token } = (await state())!;
    assert.deepEqual([status, errorDetails!.message, token], ["Failed", "The approval request expired before it was answered.", undefined]);
    assert.deepEqual(await due("codepipeline.check"), [], "nothing looks after it any more");
  });
});

/** What stands in the queue. */
const due = async (name: string): Promise<{ id: string; at: number; payload: unknown }[]> => {
  const rows = await store.transaction((session) => session.db.selectFrom("task").selectAll().where("name", "=", name).execute());
  return rows.map((row) => ({ id: row.id, at: Number(row.run_at), payload: JSON.parse(row.payload) }));
};
const begun = () => due("codepipeline.advance") as Promise<[{ id: string; at: number; payload: unknown }]>;
