import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { type Rig, startRig } from "./rig.ts";

let rig: Rig;
before(async () => {
  rig = await startRig({ queue: false });
});
after(() => rig.end());

const day = (n: number, hour = 12) => new Date(Date.UTC(2020, 0, n, hour));
const at = async <R>(time: Date, what: () => Promise<R>): Promise<R> => {
  rig.time = () => time;
  return what();
};

test("objects, versions, markers and uploads expire at their midnights", async () => {
  const Bucket = "expiring";
  const ask = (operation: string, input: object = {}) => rig.ask(operation, { Bucket, ...input });
  const keys = async () =>
    ((await ask("ListObjectVersions")).Versions ?? []).map(
      ({ Key, IsLatest }: { Key: string; IsLatest: boolean }) => `${Key}${IsLatest ? "" : " old"}`,
    );
  await at(day(1), async () => {
    await ask("CreateBucket");
    await ask("PutBucketVersioning", { VersioningConfiguration: { Status: "Enabled" } });
    const Rules = [
      { ID: "tmp", Status: "Enabled", Filter: { Prefix: "tmp/" }, Expiration: { Days: 2 } },
      { ID: "old", Status: "Enabled", Filter: {}, NoncurrentVersionExpiration: { NoncurrentDays: 3 } },
      { ID: "markers", Status: "Enabled", Filter: {}, Expiration: { ExpiredObjectDeleteMarker: true } },
      { ID: "uploads", Status: "Enabled", Filter: {}, AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 } },
    ];
    await ask("PutBucketLifecycleConfiguration", { LifecycleConfiguration: { Rules } });
    for (const Key of ["keep", "tmp/a", "tmp/b"]) await ask("PutObject", { Key, Body: Buffer.from("x") });
    await ask("PutObject", { Key: "keep", Body: Buffer.from("y") });
    await ask("CreateMultipartUpload", { Key: "u" });
  });
  const payload = await rig.bucket(Bucket);
  const expire = (time: Date) => at(time, () => rig.run("s3.expire", payload));

  assert.deepEqual(await expire(day(2, 0)), day(3, 0));
  assert.deepEqual(await keys(), ["keep", "keep old", "tmp/a", "tmp/b"]);
  assert.equal((await ask("ListMultipartUploads")).Uploads.length, 1);
  await expire(day(3, 0));
  assert.equal((await ask("ListMultipartUploads")).Uploads.length, 0);
  await expire(day(4, 0));
  // Now hidden by markers; the versions below are old since then.
  assert.deepEqual(await keys(), ["keep", "keep old", "tmp/a old", "tmp/b old"]);
  await expire(day(5, 0));
  assert.deepEqual(await keys(), ["keep", "tmp/a old", "tmp/b old"]);
  await expire(day(7, 0));
  assert.deepEqual(await keys(), ["keep"]);
  await expire(day(8, 0));
  assert.deepEqual((await ask("ListObjectVersions")).DeleteMarkers ?? [], []);

  await ask("DeleteBucketLifecycle");
  assert.equal(await expire(day(9, 0)), undefined);
});

test("a walk through many documents misses none", async () => {
  const Bucket = "many";
  const ask = (operation: string, input: object = {}) => rig.ask(operation, { Bucket, ...input });
  await at(day(1), async () => {
    await ask("CreateBucket");
    await ask("PutBucketLifecycleConfiguration", {
      LifecycleConfiguration: { Rules: [{ Status: "Enabled", Filter: {}, Expiration: { Days: 1 } }] },
    });
    for (let i = 0; i < 450; i++) await ask("PutObject", { Key: `k${i}`, Body: Buffer.from("x") });
  });
  await at(day(3, 0), () => rig.bucket(Bucket).then((payload) => rig.run("s3.expire", payload)));
  assert.equal((await ask("ListObjectsV2")).KeyCount, 0);
});
