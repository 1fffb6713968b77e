import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Outcome } from "./actions/action.ts";
import { step } from "./machine.ts";
import type { Action, Declaration, Execution, Mode } from "./records.ts";
import { emptyLine, type Happening, type Step, type World } from "./world.ts";

const action = (name: string, more: Partial<Action> = {}): Action => ({
  name,
  type: { category: "Approval", owner: "AWS", provider: "Manual", version: "1" },
  runOrder: 1,
  configuration: {},
  inputs: [],
  outputs: [],
  ...more,
});
const declaration = (stages: Record<string, Action[]>, mode: Mode = "SUPERSEDED"): Declaration => ({
  name: "line",
  version: 1,
  roleArn: "arn:aws:iam::123456789012:role/r",
  bucket: "artifacts",
  perRegion: false,
  type: "V2",
  mode,
  variables: [],
  stages: Object.entries(stages).map(([name, actions]) => ({ name, actions })),
});
const simple = (mode?: Mode) => declaration({ Source: [action("Get")], Build: [action("Make")], Deploy: [action("Put")] }, mode);

const done: Outcome = { kind: "succeeded" };
const broken: Outcome = { kind: "failed", failure: { code: "JobFailed", message: "it broke" } };

/** A pipeline that things happen to, one after another. */
const rehearse = (structure: Declaration) => {
  let world: World = { line: emptyLine(structure.stages.map(({ name }) => name)), declarations: { 1: structure }, executions: {} };
  let count = 0;
  let time = 1000;
  const told: string[] = [];
  const begun: string[] = [];
  const mint = { id: () => `id${String(++count).padStart(3, "0")}`, key: () => `key${count}` };
  const happen = (happening: Happening): Step => {
    const before = structuredClone(world);
    const given = world;
    const result = step(world, happening, ++time, mint);
    assert.deepEqual(given, before, "the world that was given is left alone");
    world = result.world;
    for (const { execution, run } of result.begun) begun.push(`${execution}:${nameOf(execution, run)}`);
    for (const { subject, state, execution, stage, run } of result.facts)
      told.push([execution, subject, subject === "stage" ? stage : run && nameOf(execution, run), state].filter(Boolean).join(" "));
    return result;
  };
  const nameOf = (execution: string, run: string) => world.executions[execution]!.runs.find(({ id }) => id === run)!.action;
  const fresh = (id: string, variables = {}): Execution => ({
    id,
    order: 0,
    version: 1,
    status: "InProgress",
    started: time,
    updated: time,
    attempt: 1,
    trigger: { type: "StartPipelineExecution", detail: "me" },
    variables,
    overrides: {},
    position: { stage: 0, at: "gate" },
    stages: {},
    runs: [],
    artifacts: {},
    values: {},
  });
  return {
    told,
    /** What was begun since the last time it was asked. */
    begun: () => begun.splice(0),
    start: (id: string, variables = {}) => happen({ kind: "started", execution: fresh(id, variables) }),
    happen,
    outcome(id: string, name: string, outcome: Outcome) {
      const run = world.executions[id]!.runs.findLast((one) => one.action === name)!;
      return happen({ kind: "outcome", execution: id, run: run.id, outcome });
    },
    execution: (id: string) => world.executions[id]!,
    run: (id: string, name: string) => world.executions[id]!.runs.findLast((one) => one.action === name)!,
    gate: (stage: string) => world.line.gates[stage]!,
    status: (...ids: string[]) => ids.map((id) => world.executions[id]!.status),
    active: () => world.line.active,
  };
};

describe("machine: one execution", () => {
  it("goes from stage to stage and tells each change", () => {
    const it = rehearse(simple());
    it.start("a");
    assert.deepEqual(it.begun(), ["a:Get"]);
    it.outcome("a", "Get", done);
    assert.deepEqual(it.begun(), ["a:Make"]);
    it.outcome("a", "Make", done);
    it.outcome("a", "Put", done);
    assert.deepEqual(it.status("a"), ["Succeeded"]);
    assert.deepEqual(it.active(), []);
    assert.deepEqual(it.told, [
      "a pipeline STARTED",
      "a stage Source STARTED",
      "a action Get STARTED",
      "a action Get SUCCEEDED",
      "a stage Source SUCCEEDED",
      "a stage Build STARTED",
      "a action Make STARTED",
      "a action Make SUCCEEDED",
      "a stage Build SUCCEEDED",
      "a stage Deploy STARTED",
      "a action Put STARTED",
      "a action Put SUCCEEDED",
      "a stage Deploy SUCCEEDED",
      "a pipeline SUCCEEDED",
    ]);
  });

  it("runs actions of one order together, and of a later one afterwards", () => {
    const it = rehearse(
      declaration({
        Source: [action("Get")],
        Build: [action("Late", { runOrder: 7 }), action("One", { runOrder: 2 }), action("Two", { runOrder: 2 })],
      }),
    );
    it.start("a");
    it.begun();
    it.outcome("a", "Get", done);
    assert.deepEqual(it.begun(), ["a:One", "a:Two"]);
    it.outcome("a", "Two", done);
    assert.deepEqual(it.begun(), []);
    it.outcome("a", "One", done);
    assert.deepEqual(it.begun(), ["a:Late"]);
  });

  it("fails when the last action beside the failed one is over, and begins nothing more", () => {
    const it = rehearse(declaration({ Source: [action("Get")], Build: [action("One"), action("Two"), action("Late", { runOrder: 2 })] }));
    it.start("a");
    it.outcome("a", "Get", done);
    it.begun();
    it.outcome("a", "One", broken);
    assert.deepEqual(it.status("a"), ["InProgress"]);
    it.outcome("a", "Two", done);
    assert.deepEqual(it.status("a"), ["Failed"]);
    assert.deepEqual(it.begun(), []);
    assert.equal(it.execution("a").summary, "Stage Build failed. One: it broke");
    assert.equal(it.gate("Build").holder, undefined);
  });

  it("takes the first answer about a run and no other", () => {
    const it = rehearse(simple());
    it.start("a");
    it.outcome("a", "Get", { kind: "waiting", on: ["x"], externalId: "e" });
    assert.deepEqual([it.run("a", "Get").status, it.run("a", "Get").on], ["Waiting", ["x"]]);
    it.outcome("a", "Get", done);
    const before = it.execution("a");
    for (const outcome of [broken, { kind: "waiting", on: [] } as const, done]) {
      const { changed, facts } = it.happen({ kind: "outcome", execution: "a", run: it.run("a", "Get").id, outcome });
      assert.deepEqual([changed, facts], [[], []]);
    }
    assert.deepEqual(it.execution("a"), before);
  });

  it("does not take waiting on for news when something else was heard meanwhile", () => {
    const it = rehearse(simple());
    it.start("a");
    const seen = structuredClone(it.run("a", "Get"));
    it.outcome("a", "Get", { kind: "waiting", on: [], memory: { continuationToken: "again" } });
    const late = { kind: "outcome", execution: "a", run: seen.id, seen } as const;
    it.happen({ ...late, outcome: { kind: "waiting", on: [], memory: {} } });
    assert.deepEqual(it.run("a", "Get").memory, { continuationToken: "again" });
    it.happen({ ...late, outcome: broken });
    assert.equal(it.run("a", "Get").status, "Failed");
  });

  it("hands artifacts and variables on", () => {
    const structure = declaration({
      Source: [action("Get", { outputs: ["LongSourceName"], namespace: "Src" })],
      Build: [
        action("Make", {
          inputs: ["LongSourceName"],
          configuration: { Say: "#{Src.Id} #{variables.v} #{codepipeline.PipelineExecutionId}" },
        }),
      ],
    });
    const it = rehearse(structure);
    it.start("a", { v: "w" });
    const made = it.run("a", "Get").outputs;
    assert.deepEqual(made, [{ name: "LongSourceName", bucket: "artifacts", key: "line/LongSource/key1" }]);
    it.outcome("a", "Get", { kind: "succeeded", variables: { Id: "7" } });
    assert.deepEqual(it.run("a", "Make").inputs, made);
    assert.deepEqual(it.run("a", "Make").configuration, { Say: "7 w a" });
  });

  const unready: [string, Action, Outcome, RegExp][] = [
    ["a variable without a value", action("Make", { configuration: { Say: "#{Src.Nothing}" } }), done, /#\{Src\.Nothing\}/],
    [
      "an artifact that was not produced",
      action("Make", { inputs: ["Out"] }),
      { kind: "succeeded", produced: [] },
      /input artifact Out was not produced/,
    ],
  ];
  for (const [what, make, outcome, complaint] of unready)
    it(`fails an action that uses ${what}, without beginning it`, () => {
      const it = rehearse(declaration({ Source: [action("Get", { outputs: ["Out"], namespace: "Src" })], Build: [make] }));
      it.start("a");
      it.begun();
      it.outcome("a", "Get", outcome);
      assert.deepEqual(it.begun(), []);
      assert.match(it.run("a", "Make").failure!.message, complaint);
      assert.deepEqual(it.status("a"), ["Failed"]);
    });

  it("fails an action with too many variables", () => {
    const it = rehearse(simple());
    it.start("a");
    it.outcome("a", "Get", { kind: "succeeded", variables: { big: "x".repeat(122_880) } });
    assert.deepEqual(it.status("a"), ["Failed"]);
  });
});

describe("machine: several executions", () => {
  it("SUPERSEDED: a stage holds one, and only the newest waits", () => {
    const it = rehearse(simple());
    it.start("a");
    it.outcome("a", "Get", done);
    for (const id of ["b", "c"]) {
      it.start(id);
      it.outcome(id, "Get", done);
    }
    assert.deepEqual(it.status("a", "b", "c"), ["InProgress", "Superseded", "InProgress"]);
    assert.deepEqual(it.gate("Build").waiting, ["c"]);
    it.begun();
    it.outcome("a", "Make", done);
    assert.deepEqual(it.begun(), ["a:Put", "c:Make"]);
  });

  it("SUPERSEDED: a failed execution frees its stage", () => {
    const it = rehearse(simple());
    it.start("a");
    it.outcome("a", "Get", done);
    it.start("b");
    it.outcome("b", "Get", done);
    it.begun();
    it.outcome("a", "Make", broken);
    assert.deepEqual(it.begun(), ["b:Make"]);
  });

  it("QUEUED: everybody waits in turn", () => {
    const it = rehearse(simple("QUEUED"));
    for (const id of ["a", "b", "c"]) it.start(id);
    assert.deepEqual(it.gate("Source").waiting, ["b", "c"]);
    it.begun();
    it.outcome("a", "Get", done);
    assert.deepEqual(it.begun(), ["a:Make", "b:Get"]);
    it.outcome("b", "Get", done);
    it.outcome("c", "Get", done);
    assert.deepEqual(it.gate("Build").waiting, ["b", "c"]);
    assert.deepEqual(it.status("a", "b", "c"), ["InProgress", "InProgress", "InProgress"]);
  });

  it("PARALLEL: nobody waits", () => {
    const it = rehearse(simple("PARALLEL"));
    for (const id of ["a", "b"]) it.start(id);
    assert.deepEqual(it.begun(), ["a:Get", "b:Get"]);
    it.outcome("b", "Get", done);
    it.outcome("a", "Get", done);
    assert.deepEqual(it.begun(), ["b:Make", "a:Make"]);
  });
});

describe("machine: transitions", () => {
  it("holds executions back, the newest of them, until it is opened", () => {
    const it = rehearse(simple());
    it.happen({ kind: "transition", stage: "Build", enabled: false, by: "me", reason: "not now" });
    for (const id of ["a", "b"]) {
      it.start(id);
      it.outcome(id, "Get", done);
    }
    it.begun();
    assert.deepEqual(it.status("a", "b"), ["Superseded", "InProgress"]);
    assert.equal(it.gate("Build").holder, undefined);
    it.happen({ kind: "transition", stage: "Build", enabled: true, by: "me" });
    assert.deepEqual(it.begun(), ["b:Make"]);
  });
});

describe("machine: stop, retry, replace", () => {
  it("stops after what is in progress", () => {
    const it = rehearse(simple());
    it.start("a");
    it.happen({ kind: "stopped", execution: "a", abandon: false, reason: "enough" });
    assert.deepEqual([it.status("a"), it.execution("a").stages.Source!.status], [["Stopping"], "Stopping"]);
    it.begun();
    it.outcome("a", "Get", done);
    assert.deepEqual([it.status("a"), it.begun(), it.active()], [["Stopped"], [], []]);
  });

  it("abandons what is in progress, also after a gentler stop", () => {
    const it = rehearse(simple());
    it.start("a");
    it.happen({ kind: "stopped", execution: "a", abandon: false });
    it.happen({ kind: "stopped", execution: "a", abandon: true });
    assert.deepEqual([it.status("a"), it.run("a", "Get").status], [["Stopped"], "Abandoned"]);
    assert.deepEqual(it.told.slice(3), [
      "a pipeline STOPPING",
      "a stage Source STOPPING",
      "a action Get ABANDONED",
      "a stage Source STOPPED",
      "a pipeline STOPPED",
    ]);
  });

  it("stops who waits at a gate at once", () => {
    const it = rehearse(simple());
    it.start("a");
    it.start("b");
    it.happen({ kind: "stopped", execution: "b", abandon: false });
    assert.deepEqual([it.status("a", "b"), it.gate("Source").waiting], [["InProgress", "Stopped"], []]);
  });

  const retries: [string, boolean, string[]][] = [
    ["the failed actions", false, ["a:Two"]],
    ["all actions", true, ["a:One", "a:Two"]],
  ];
  for (const [what, all, again] of retries)
    it(`retries ${what} of a stage in the same execution`, () => {
      const it = rehearse(declaration({ Source: [action("Get")], Build: [action("One"), action("Two"), action("Late", { runOrder: 2 })] }));
      it.start("a");
      it.outcome("a", "Get", done);
      it.outcome("a", "One", done);
      it.outcome("a", "Two", broken);
      const first = it.run("a", "Two").id;
      it.begun();
      it.happen({ kind: "retried", execution: "a", stage: "Build", all });
      assert.deepEqual(it.begun(), again);
      assert.notEqual(it.run("a", "Two").id, first);
      assert.deepEqual([it.gate("Build").holder, it.execution("a").attempt, it.execution("a").stages.Build!.retries], ["a", 2, 1]);
      for (const name of all ? ["One", "Two", "Late"] : ["Two", "Late"]) it.outcome("a", name, done);
      assert.deepEqual(it.status("a"), ["Succeeded"]);
    });

  it("retries a failed action while another of its stage goes on", () => {
    const it = rehearse(declaration({ Source: [action("Get")], Build: [action("One"), action("Two")] }));
    it.start("a");
    it.outcome("a", "Get", done);
    it.outcome("a", "One", broken);
    it.begun();
    it.happen({ kind: "retried", execution: "a", stage: "Build", all: false });
    assert.deepEqual(it.begun(), ["a:One"]);
    it.outcome("a", "Two", done);
    it.outcome("a", "One", done);
    assert.deepEqual(it.status("a"), ["Succeeded"]);
  });

  it("cancels everything when the structure is replaced, and keeps the gates that keep their names", () => {
    const it = rehearse(simple());
    it.happen({ kind: "transition", stage: "Deploy", enabled: false, by: "me", reason: "no" });
    it.start("a");
    it.outcome("a", "Get", done);
    it.start("b");
    it.happen({ kind: "replaced", stages: ["Source", "Test", "Deploy"] });
    assert.deepEqual(it.status("a", "b"), ["Cancelled", "Cancelled"]);
    assert.equal(it.run("a", "Make").status, "Abandoned");
    assert.equal(it.execution("a").stages.Build!.status, "Cancelled");
    assert.deepEqual([it.gate("Deploy").inbound.enabled, it.gate("Test").waiting, it.gate("Build")], [false, [], undefined]);
    assert.ok(it.told.includes("a action Make CANCELED") && it.told.includes("b pipeline CANCELED"));
  });
});
