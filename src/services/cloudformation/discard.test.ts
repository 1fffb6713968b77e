import assert from "node:assert/strict";
import { test } from "node:test";
import { afterRestore, afterUpdate, beforeDelete } from "./discard.ts";
import type { Resource, Standing } from "./records.ts";

const stands = (physicalId: string, more: Partial<Standing> = {}): Standing => ({
  type: "T",
  physicalId,
  properties: {},
  attributes: {},
  needs: [],
  ...more,
});
const record = (logicalId: string, more: Partial<Resource>): Resource => ({
  logicalId,
  type: "T",
  status: "UPDATE_COMPLETE",
  at: "",
  ...more,
});
const summary = ({ discards, records }: ReturnType<typeof afterUpdate>) => ({
  discards: discards.map((one) => `${one.fate} ${one.stands.physicalId}`),
  records: Object.fromEntries([...records].map(([id, one]) => [id, one === null ? null : (one.stands?.physicalId ?? "-")])),
});

test("after an update", () => {
  const records = [
    record("Same", { stands: stands("same") }),
    record("Changed", { stands: stands("changed"), before: { stood: stands("changed") } }),
    record("New", { stands: stands("new"), before: { stood: null } }),
    record("Replaced", { stands: stands("b"), before: { stood: stands("a") } }),
    record("KeptReplaced", { stands: stands("d"), before: { stood: stands("c", { updateReplacePolicy: "Retain" }) } }),
    record("Removed", { stands: stands("removed") }),
    record("KeptRemoved", { stands: stands("kept", { deletionPolicy: "Retain" }) }),
    record("InVain", { stands: stands("good"), debris: [stands("vain")] }),
  ];
  const active = new Set(["Same", "Changed", "New", "Replaced", "KeptReplaced", "InVain"]);
  const result = afterUpdate(records, active);
  assert.deepEqual(summary(result), {
    discards: ["delete a", "retain c", "delete removed", "retain kept", "delete vain"],
    records: { Changed: "changed", New: "new", Replaced: "b", KeptReplaced: "d", Removed: null, KeptRemoved: null, InVain: "good" },
  });
  assert.ok([...result.records.values()].every((one) => one === null || (!one.before && !one.debris)));
});
test("after a rollback", () => {
  const records = [
    record("Back", { stands: stands("a"), before: { stood: stands("a") } }),
    record("New", { stands: stands("new"), before: { stood: null } }),
    record("KeptNew", { stands: stands("kept", { deletionPolicy: "Retain" }), before: { stood: null } }),
    record("NewExcept", { stands: stands("except", { deletionPolicy: "RetainExceptOnCreate" }), before: { stood: null } }),
    record("NeverMade", { before: { stood: null } }),
    record("Replaced", { stands: stands("a"), before: { stood: stands("a") }, debris: [stands("b")] }),
    record("Untouched", { stands: stands("u") }),
  ];
  assert.deepEqual(summary(afterRestore(records)), {
    discards: ["delete new", "retain kept", "delete except", "delete b"],
    records: { Back: "a", New: null, KeptNew: null, NewExcept: null, NeverMade: null, Replaced: "a" },
  });
});
test("before a deletion", () => {
  assert.deepEqual(
    summary(
      beforeDelete([
        record("A", { stands: stands("b"), before: { stood: stands("a") }, debris: [stands("c")] }),
        record("B", { stands: stands("x") }),
      ]),
    ),
    {
      discards: ["delete c", "delete a"],
      records: { A: "b" },
    },
  );
});
