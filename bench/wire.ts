/**
 * What the wire layer costs: trivial calls a second, signed and unsigned, against a bare node:http handler.
 *
 *   node_modules/.bin/node bench/wire.ts [seconds a round] [rounds]
 *
 * Server and client share this machine's cores, so calls a second are those of the pair. The rounds of the kinds take
 * turns, and medians are shown with the lowest and highest. The server's own processor time a call is told apart:
 * neighbours on the machine hardly touch it, so it is the figure to compare.
 */
import { fork } from "node:child_process";
import { createHash, createHmac } from "node:crypto";
import { Agent, createServer, request } from "node:http";
import type { AddressInfo } from "node:net";
import * as pipeline from "@aws-sdk/client-codepipeline";
import { createAws } from "../src/aws/clients.ts";
import { accessKeyId, account, live, secretAccessKey } from "../test/services/gateway/echo.ts";

const body = '{"name":"p"}';
const answer = { pipeline: { name: "p", roleArn: "arn:aws:iam::123456789012:role/r", stages: [] } };
const serve = (auth: "on" | "off") =>
  live(
    {
      codepipeline: {
        sdk: pipeline,
        entry: { signingName: "codepipeline", target: "CodePipeline_20150709", version: "2015-07-09" },
        handlers: { GetPipeline: () => answer },
      },
    },
    { auth },
  );

async function server(): Promise<void> {
  const [on, off] = [await serve("on"), await serve("off")];
  const bare = createServer((incoming, outgoing) => {
    const parts: Buffer[] = [];
    incoming
      .on("data", (part) => parts.push(part))
      .on("end", () => {
        JSON.parse(Buffer.concat(parts).toString());
        const text = JSON.stringify(answer);
        outgoing.writeHead(200, { "content-type": "application/x-amz-json-1.1", "content-length": Buffer.byteLength(text) }).end(text);
      });
  });
  await new Promise<void>((resolve) => bare.listen(0, "127.0.0.1", resolve));
  const addresses: Record<Kind, string> = {
    signed: on.endpoint,
    unsigned: off.endpoint,
    bare: `http://127.0.0.1:${(bare.address() as AddressInfo).port}`,
  };
  process.on("message", (question) => {
    const { user, system } = process.cpuUsage();
    process.send?.(question === "addresses" ? addresses : user + system);
  });
}

const kinds = ["bare", "unsigned", "signed"] as const;
type Kind = (typeof kinds)[number];
interface Round {
  readonly rate: number;
  /** Microseconds of the server's processor time. */
  readonly cost: number;
}

async function client(): Promise<void> {
  const [seconds, rounds] = [Number(process.argv[2] ?? 1), Number(process.argv[3] ?? 5)];
  const child = fork(import.meta.filename);
  const ask = <T>(question: string) =>
    new Promise<T>((resolve) => {
      child.once("message", (message) => resolve(message as T));
      child.send(question);
    });
  const addresses = await ask<Record<Kind, string>>("addresses");
  const found: Record<Kind, Round[]> = { bare: [], unsigned: [], signed: [] };
  for (const kind of kinds) await round(addresses[kind], kind === "signed", 1);
  for (let i = 0; i < rounds; i++)
    for (const kind of kinds) {
      const before = await ask<number>("processor time");
      const { calls, rate } = await round(addresses[kind], kind === "signed", seconds);
      found[kind].push({ rate, cost: ((await ask<number>("processor time")) - before) / calls });
    }
  child.kill();
  const bare = median(found.bare.map(({ cost }) => cost));
  for (const kind of kinds) {
    const cost = median(found[kind].map((one) => one.cost));
    console.log(
      `${kind.padEnd(12)} ${spread(found[kind].map(({ rate }) => rate))} calls/s, ${cost.toFixed(0)} µs of the server's a call (${(cost - bare).toFixed(0)} over bare)`,
    );
  }
  const own: number[] = [];
  await inProcess(1);
  for (let i = 0; i < rounds; i++) own.push(await inProcess(seconds));
  console.log(`in process   ${spread(own)} calls/s through an SDK client, one after another`);
}

const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] as number;
const spread = (values: readonly number[]): string =>
  `${Math.round(median(values)).toLocaleString("en")} (${[Math.min(...values), Math.max(...values)].map((value) => Math.round(value).toLocaleString("en")).join(" to ")})`;

/** As many calls as there is time for, 32 at a time. */
async function round(url: string, signed: boolean, seconds: number): Promise<{ calls: number; rate: number }> {
  const { hostname, port, host } = new URL(url);
  const agent = new Agent({ keepAlive: true, maxSockets: 32 });
  const plain = {
    host,
    "x-amz-target": "CodePipeline_20150709.GetPipeline",
    "content-type": "application/x-amz-json-1.1",
    "content-length": String(body.length),
  };
  const headers = signed ? { ...plain, ...signature(host) } : plain;
  const until = performance.now() + seconds * 1000;
  let done = 0;
  const one = () =>
    new Promise<void>((resolve, reject) => {
      const call = request({ hostname, port, method: "POST", headers, agent }, (response) => {
        if (response.statusCode !== 200) reject(new Error(`answered ${response.statusCode}`));
        response.resume().on("end", resolve);
      });
      call.on("error", reject).end(body);
    });
  const start = performance.now();
  await Promise.all(
    Array.from({ length: 32 }, async () => {
      while (performance.now() < until) {
        await one();
        done++;
      }
    }),
  );
  agent.destroy();
  return { calls: done, rate: done / ((performance.now() - start) / 1000) };
}

/** Signed once: what is measured is the server's side. */
function signature(host: string): Record<string, string> {
  const hmac = (key: string | Buffer, text: string) => createHmac("sha256", key).update(text).digest();
  const hash = (text: string) => createHash("sha256").update(text).digest("hex");
  const time = new Date().toISOString().replace(/[-:]|\.\d+/g, "");
  const scope = `${time.slice(0, 8)}/us-east-1/codepipeline/aws4_request`;
  const names = "host;x-amz-content-sha256;x-amz-date;x-amz-target";
  const canonical = `POST\n/\n\nhost:${host}\nx-amz-content-sha256:${hash(body)}\nx-amz-date:${time}\nx-amz-target:CodePipeline_20150709.GetPipeline\n\n${names}\n${hash(body)}`;
  const key = hmac(hmac(hmac(hmac(`AWS4${secretAccessKey}`, time.slice(0, 8)), "us-east-1"), "codepipeline"), "aws4_request");
  const signed = hmac(key, `AWS4-HMAC-SHA256\n${time}\n${scope}\n${hash(canonical)}`).toString("hex");
  const authorization = `AWS4-HMAC-SHA256 Credential=${accessKeyId}/${scope}, SignedHeaders=${names}, Signature=${signed}`;
  return { "x-amz-date": time, "x-amz-content-sha256": hash(body), authorization };
}

async function inProcess(seconds: number): Promise<number> {
  const { gateway, stop } = await serve("on");
  const aws = createAws({
    handle: gateway.handle,
    service: "codebuild",
    account,
    region: "us-east-1",
    assumeRole: () => Promise.reject(new Error("no roles here")),
  });
  const client = aws.client(pipeline.CodePipelineClient);
  const start = performance.now();
  let done = 0;
  for (; performance.now() < start + seconds * 1000; done++) await client.send(new pipeline.GetPipelineCommand({ name: "p" }));
  const rate = done / ((performance.now() - start) / 1000);
  await stop();
  return rate;
}

if (process.send) await server();
else await client();
