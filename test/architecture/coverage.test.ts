/** Writes COVERAGE.md: which operations of each service are there. Fails when the file that is committed says something else. */
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { it } from "node:test";
import { fileURLToPath } from "node:url";
import { systemClock } from "../../src/lib/clock.ts";
import { logTo } from "../../src/lib/log.ts";
import { services } from "../../src/services/index.ts";
import type { Context } from "../../src/services/service.ts";
import { openMemory } from "../../src/store/open.ts";

const file = fileURLToPath(new URL("../../COVERAGE.md", import.meta.url));

it("COVERAGE.md names every operation, there or not", async () => {
  const store = await openMemory();
  // Only the list of operations is read: nothing of this context is used before a request comes.
  const context = {
    store,
    clock: systemClock,
    log: logTo(() => {}),
    account: "123456789012",
    folder: tmpdir(),
    hearings: [],
    endpoint: () => "http://127.0.0.1",
    settings: { auth: "on", images: {}, lambdaIdleSeconds: 1 },
    aws: { at: () => context.aws, client: () => ({}), as: () => context.aws },
    blobs: {},
    engine: { name: "none", sweep: async () => {}, find: async () => undefined },
  } as unknown as Context;
  const lines = [
    "# Coverage",
    "",
    'The operations of each service: those that run, and those that answer "not implemented" with their name. Written by `test/architecture/coverage.test.ts`.',
    "",
  ];
  for (const { name, load } of services) {
    const service = await (await load()).create(context);
    const { sdk, handlers } = service.operations;
    const all = Object.keys(sdk)
      .map((key) => /^([A-Z]\w*)Command$/.exec(key)?.[1])
      .filter((operation) => operation !== undefined)
      .sort();
    const there = all.filter((operation) => operation in handlers);
    const missing = all.filter((operation) => !(operation in handlers));
    assert.deepEqual(
      Object.keys(handlers).filter((operation) => !all.includes(operation)),
      [],
      `${name} has handlers of operations that AWS does not know`,
    );
    lines.push(`## ${name}: ${there.length} of ${all.length}`, "", there.join(", "), "");
    if (missing.length > 0) lines.push(`Not implemented: ${missing.join(", ")}`, "");
    await service.stop?.();
  }
  await store.close();
  const text = lines.join("\n");
  let committed = "";
  try {
    committed = readFileSync(file, "utf8");
  } catch {}
  if (committed !== text) writeFileSync(file, text);
  assert.equal(committed, text, "COVERAGE.md was not up to date; it is written anew: commit it");
});
