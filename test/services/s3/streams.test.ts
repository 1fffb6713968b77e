/** Large bodies through a server in a process of its own, whose memory is watched. `MAYFLY_TEST_STREAM_MB=2048` makes them larger. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { Readable } from "node:stream";
import { after, before, test } from "node:test";
import {
  CopyObjectCommand,
  CreateBucketCommand,
  GetObjectCommand,
  HeadObjectCommand,
  PutObjectCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { type ServerProcess, startProcess } from "../../harness/process.ts";

const skip = existsSync("/proc/self/clear_refs") ? false : "no /proc to read the server's memory from";
const mib = 2 ** 20;
const size = Number(process.env.MAYFLY_TEST_STREAM_MB ?? 256) * mib;
const allowed = 150 * mib;
const Bucket = "streams";

let server: ServerProcess;
let s3: S3Client;
const connect = () => {
  const { AWS_ACCESS_KEY_ID: accessKeyId = "", AWS_SECRET_ACCESS_KEY: secretAccessKey = "" } = server.environment;
  return new S3Client({
    endpoint: server.endpoint,
    region: "us-east-1",
    forcePathStyle: true,
    maxAttempts: 1,
    credentials: { accessKeyId, secretAccessKey },
  });
};
before(async () => {
  if (skip) return;
  server = await startProcess(["--engine", "sandbox"]);
  s3 = connect();
  await s3.send(new CreateBucketCommand({ Bucket }));
});
after(async () => {
  s3?.destroy();
  await server?.end();
});

const chunk = Buffer.from(Uint32Array.from({ length: mib / 4 }, (_, i) => i * 2654435761).buffer);
const flow = (total: number) =>
  Readable.from(
    (function* () {
      for (let left = total; left > 0; left -= mib) yield chunk.subarray(0, Math.min(left, mib));
    })(),
    { objectMode: false },
  );
const put = (Key: string, total: number) => s3.send(new PutObjectCommand({ Bucket, Key, Body: flow(total), ContentLength: total }));
const drain = async (Key: string) => {
  const hash = createHash("md5");
  let length = 0;
  const { Body, ETag } = await s3.send(new GetObjectCommand({ Bucket, Key }));
  for await (const part of Body as Readable) {
    hash.update(part);
    length += part.length;
  }
  assert.equal(`"${hash.digest("hex")}"`, ETag);
  return length;
};
/** The most memory the server had since it was last asked to forget. */
const memory = async (which: "VmHWM" | "VmRSS") =>
  Number(new RegExp(`${which}:\\s+(\\d+) kB`).exec(await readFile(`/proc/${server.pid}/status`, "utf8"))?.[1]) * 1024;
const forget = () => writeFile(`/proc/${server.pid}/clear_refs`, "5");

test(`${size / mib} MiB up and down in constant memory`, { skip }, async () => {
  await put("warm", 4 * mib);
  assert.equal(await drain("warm"), 4 * mib);
  const before = await memory("VmRSS");
  await forget();
  await put("large", size);
  assert.equal(await drain("large"), size);
  const grown = (await memory("VmHWM")) - before;
  assert.ok(grown < allowed, `the server grew by ${Math.round(grown / mib)} MiB`);
});

test("a copy of it takes no time worth speaking of", { skip }, async () => {
  const start = performance.now();
  await s3.send(new CopyObjectCommand({ Bucket, Key: "copy", CopySource: `${Bucket}/large` }));
  assert.ok(performance.now() - start < 1000);
  assert.equal((await s3.send(new HeadObjectCommand({ Bucket, Key: "copy" }))).ContentLength, size);
});

test("a client that goes away in the middle leaves nothing, and the server goes on", { skip }, async () => {
  const leaving = new AbortController();
  const sent = Readable.from(
    (function* () {
      for (let i = 0; i < 64; i++) {
        if (i === 8) leaving.abort();
        yield chunk;
      }
    })(),
    { objectMode: false },
  );
  await assert.rejects(
    s3.send(new PutObjectCommand({ Bucket, Key: "broken off", Body: sent, ContentLength: 64 * mib }), { abortSignal: leaving.signal }),
  );
  await assert.rejects(s3.send(new HeadObjectCommand({ Bucket, Key: "broken off" })), { name: "NotFound" });
  const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key: "large" }));
  (Body as Readable).destroy();
  assert.equal(await drain("warm"), 4 * mib);
});

test("what was acknowledged survives a kill", { skip }, async () => {
  const acknowledged: string[] = [];
  const writers = Array.from({ length: 4 }, async (_, writer) => {
    for (let i = 0; ; i++) {
      const Key = `written/${writer}/${i}`;
      await s3.send(new PutObjectCommand({ Bucket, Key, Body: Key.repeat(1000) }));
      acknowledged.push(Key);
      if (acknowledged.length === 40) await server.kill();
    }
  });
  await Promise.allSettled(writers);
  assert.ok(acknowledged.length >= 40);
  await server.restart();
  s3.destroy();
  s3 = connect();
  for (const Key of acknowledged) {
    const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key }));
    assert.equal(await Body?.transformToString(), Key.repeat(1000));
  }
});
