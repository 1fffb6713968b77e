/** What depends on the database: the order of keys, races, transactions run again. */
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import * as sdk from "@aws-sdk/client-s3";
import { postgresPrograms, startPostgres } from "../../harness/postgres.ts";
import { startServer, type TestServer } from "../../harness/server.ts";

const programs = postgresPrograms();
const skip = "missing" in programs ? programs.missing : false;
let database: Awaited<ReturnType<typeof startPostgres>>;
let server: TestServer;
let s3: sdk.S3Client;
let data: string;
const Bucket = "on-postgres";
before(async () => {
  if (skip) return;
  database = await startPostgres();
  data = await mkdtemp(join(tmpdir(), "mayfly-s3-postgres-"));
  server = await startServer({ data, args: ["--database", database.url] });
  s3 = server.client(sdk.S3Client);
  await s3.send(new sdk.CreateBucketCommand({ Bucket }));
});
after(async () => {
  await server?.stop();
  await database?.stop();
  if (data) await rm(data, { recursive: true, force: true });
});
const put = (Key: string, Body: string, more: object = {}) => s3.send(new sdk.PutObjectCommand({ Bucket, Key, Body, ...more }));

test("keys are listed in the order of their UTF-8 bytes", { skip }, async () => {
  const keys = ["B", "_", "a", "a b", "a-b", "a/1", "a/2", "a0", "aB", "ab", "ä", "\uffee", "\u{1f600}"];
  for (const key of [...keys].reverse()) await put(key, "x");
  const { Contents } = await s3.send(new sdk.ListObjectsV2Command({ Bucket }));
  assert.deepEqual(
    Contents?.map(({ Key }) => Key),
    keys,
  );
  const seen: (string | undefined)[] = [];
  for await (const page of sdk.paginateListObjectsV2({ client: s3, pageSize: 2 }, { Bucket, Delimiter: "/" }))
    seen.push(...(page.Contents ?? []).map(({ Key }) => Key), ...(page.CommonPrefixes ?? []).map(({ Prefix }) => Prefix));
  assert.deepEqual(new Set(seen), new Set([...keys.filter((key) => !key.startsWith("a/")), "a/"]));
});

test("of many writers of one key each is heard, and one wins where only one may", { skip }, async () => {
  await s3.send(new sdk.PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: "Enabled" } }));
  await Promise.all(Array.from({ length: 10 }, (_, i) => put("raced", `writer ${i}`)));
  const { Versions } = await s3.send(new sdk.ListObjectVersionsCommand({ Bucket, Prefix: "raced" }));
  assert.equal(Versions?.length, 10);
  assert.equal(Versions?.filter(({ IsLatest }) => IsLatest).length, 1);
  const once = await Promise.allSettled(Array.from({ length: 10 }, (_, i) => put("once", `writer ${i}`, { IfNoneMatch: "*" })));
  assert.equal(once.filter(({ status }) => status === "fulfilled").length, 1);
});
