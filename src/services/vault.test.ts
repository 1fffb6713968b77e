import assert from "node:assert/strict";
import { test } from "node:test";
import { openMemory } from "../store/open.ts";
import { vault } from "./vault.ts";

test("what is sealed opens again, by another process too, and only under its own name", async (t) => {
  const store = await openMemory();
  t.after(() => store.close());
  const sealed = await vault(store, "ssm").seal("Gehe1m ✓", "/a/b");
  assert.ok(!Buffer.from(sealed, "base64").toString("latin1").includes("Gehe1m"));
  assert.equal(await vault(store, "ssm").open(sealed, "/a/b"), "Gehe1m ✓");
  await assert.rejects(vault(store, "ssm").open(sealed, "/a/c"));
  await assert.rejects(vault(store, "secretsmanager").open(sealed, "/a/b"));
  const bytes = Buffer.from(sealed, "base64");
  bytes[bytes.length - 1] = (bytes[bytes.length - 1] as number) ^ 1;
  await assert.rejects(vault(store, "ssm").open(bytes.toString("base64"), "/a/b"));
});
