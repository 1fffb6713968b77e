import assert from "node:assert/strict";
import { test } from "node:test";
import { systemClock } from "../../lib/clock.ts";
import { openMemory } from "../../store/open.ts";
import { accessKeys, digestOf, findGitCredential, gitCredentials, newSessionKey } from "../credentials.ts";
import { keyring, rootPrincipal } from "./keyring.ts";

const account = "123456789012";

test("root keys are made once, and sign as the account's root", async (t) => {
  const store = await openMemory();
  t.after(() => store.close());
  const ring = keyring(store, systemClock);
  const first = await ring.createRootKeys(account);
  assert.match(first.accessKeyId, /^AKIA[A-Z2-7]{16}$/);
  assert.deepEqual(await ring.createRootKeys(account), first);
  const found = await ring.find(first.accessKeyId);
  assert.equal(found?.secretAccessKey, first.secretAccessKey);
  assert.deepEqual(found?.principal, { ...rootPrincipal(account), accessKeyId: first.accessKeyId });
  assert.equal(await ring.find("AKIAAAAAAAAAAAAAAAAA"), undefined);
});

test("a session's key comes with its token and end; a switched-off key is no key", async (t) => {
  const store = await openMemory();
  t.after(() => store.close());
  const ring = keyring(store, systemClock);
  const now = new Date("2030-01-02T03:04:05Z");
  const key = newSessionKey(rootPrincipal(account), now, 900);
  await store.write((tx) => tx.put(accessKeys, [key.accessKeyId], key));
  const found = await ring.find(key.accessKeyId);
  assert.equal(found?.sessionToken, key.sessionToken);
  assert.deepEqual(found?.expires, new Date("2030-01-02T03:19:05Z"));
  await store.write((tx) => tx.put(accessKeys, [key.accessKeyId], { ...key, status: "Inactive" }));
  assert.equal(await ring.find(key.accessKeyId), undefined);
});

test("a git credential knows its password and no other", async (t) => {
  const store = await openMemory();
  t.after(() => store.close());
  const credential = {
    id: "ACCAX",
    serviceName: "codecommit.amazonaws.com",
    serviceUserName: "ann-at-123456789012",
    salt: "s",
    digest: digestOf("s", "right"),
    principal: rootPrincipal(account),
    status: "Active" as const,
    created: "2030-01-02T03:04:05Z",
  };
  await store.write((tx) => tx.put(gitCredentials, [credential.serviceUserName], credential));
  const found = await findGitCredential(store, credential.serviceUserName);
  assert.equal(found?.matches("right"), true);
  assert.equal(found?.matches("wrong"), false);
  assert.equal(found?.matches(""), false);
  assert.equal(await findGitCredential(store, "bob-at-123456789012"), undefined);
});
