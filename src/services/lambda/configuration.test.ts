import assert from "node:assert/strict";
import { test } from "node:test";
import { begin, change, fingerprintOf } from "./configuration.ts";

const role = "arn:aws:iam::123456789012:role/r";
const least = { Role: role, Runtime: "nodejs20.x", Handler: "index.handler" } as const;
const code = { blob: "b", size: 1, sha256: "s" };

test("a function begins with AWS's defaults", () => {
  assert.deepEqual(begin("f", least, []), {
    role,
    runtime: "nodejs20.x",
    handler: "index.handler",
    description: "",
    timeout: 3,
    memorySize: 128,
    environment: {},
    layers: [],
    architecture: "x86_64",
    ephemeralStorage: 512,
    logGroup: "/aws/lambda/f",
    deadLetter: undefined,
  });
});

test("an update changes what it names and nothing else", () => {
  const before = begin("f", { ...least, Timeout: 9, Environment: { Variables: { NAME: "a" } } }, []);
  assert.deepEqual(change(before, { FunctionName: "f", MemorySize: 256 }, undefined), { ...before, memorySize: 256 });
  assert.deepEqual(change(before, { FunctionName: "f", Environment: {} }, undefined).environment, {});
});

// biome-ignore lint/suspicious/noExplicitAny: wrong on purpose
const refused: [string, any, string, RegExp][] = [
  ["no runtime", { Runtime: undefined }, "InvalidParameterValueException", /Runtime and Handler are mandatory/],
  ["no handler", { Handler: undefined }, "InvalidParameterValueException", /Runtime and Handler are mandatory/],
  ["a long timeout", { Timeout: 901 }, "ValidationException", /'901' at 'timeout'.*less than or equal to 900/],
  ["little memory", { MemorySize: 64 }, "ValidationException", /'64' at 'memorySize'.*greater than or equal to 128/],
  [
    "a reserved variable",
    { Environment: { Variables: { AWS_REGION: "x" } } },
    "InvalidParameterValueException",
    /Reserved keys used in this request: AWS_REGION/,
  ],
  ["a bad variable", { Environment: { Variables: { "1X": "x" } } }, "ValidationException", /not so: 1X/],
  [
    "a large environment",
    { Environment: { Variables: { BIG: "x".repeat(5000) } } },
    "InvalidParameterValueException",
    /exceeded the 4KB limit/,
  ],
  ["images", { PackageType: "Image" }, "NotImplementedException", /PackageType Image is not implemented/],
  ["a network", { VpcConfig: { SubnetIds: ["subnet-1"] } }, "NotImplementedException", /VpcConfig/],
  ["file systems", { FileSystemConfigs: [{ Arn: "a", LocalMountPath: "/mnt/a" }] }, "NotImplementedException", /FileSystemConfigs/],
  ["snapshots", { SnapStart: { ApplyOn: "PublishedVersions" } }, "NotImplementedException", /SnapStart/],
  ["tracing", { TracingConfig: { Mode: "Active" } }, "NotImplementedException", /X-Ray/],
  [
    "a queue for dead letters",
    { DeadLetterConfig: { TargetArn: "arn:aws:sqs:us-east-1:1:q" } },
    "NotImplementedException",
    /DeadLetterConfig/,
  ],
  ["ruby", { Runtime: "ruby3.3" }, "NotImplementedException", /ruby3\.3/],
];
for (const [what, part, name, message] of refused)
  test(`refused: ${what}`, () => assert.throws(() => begin("f", { ...least, ...part }, []), { name, message }));

test("an empty network is none", () => {
  assert.equal(begin("f", { ...least, VpcConfig: { SubnetIds: [], SecurityGroupIds: [] } }, []).timeout, 3);
});

test("the fingerprint tells deployments apart by behaviour alone", () => {
  const one = begin("f", { ...least, Environment: { Variables: { AA: "1", BB: "2" } } }, []);
  const same = begin("f", { ...least, Description: "other", Environment: { Variables: { BB: "2", AA: "1" } } }, []);
  assert.equal(fingerprintOf(one, code), fingerprintOf(same, { ...code, blob: "another copy" }));
  const others = [
    { ...one, timeout: 4 },
    { ...one, environment: { AA: "1" } },
    { ...one, layers: [{ arn: "l", code }] },
  ];
  for (const other of others) assert.notEqual(fingerprintOf(one, code), fingerprintOf(other, code));
  assert.notEqual(fingerprintOf(one, code), fingerprintOf(one, { ...code, sha256: "t" }));
});
