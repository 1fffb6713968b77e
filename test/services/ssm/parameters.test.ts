import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import * as ssm from "@aws-sdk/client-ssm";
import { EventBridgeClient, PutRuleCommand, PutTargetsCommand } from "@aws-sdk/client-eventbridge";
import { CreateTopicCommand, SNSClient, SubscribeCommand } from "@aws-sdk/client-sns";
import { awsCli, withoutAws } from "../../harness/programs.ts";
import { startServer, type TestServer } from "../../harness/server.ts";
import { listen } from "../sns/listener.ts";

let server: TestServer;
let client: ssm.SSMClient;
before(async () => {
  server = await startServer();
  client = server.client(ssm.SSMClient);
});
after(() => server.stop());

const put = (Name: string, Value: string, more: Partial<ssm.PutParameterCommandInput> = {}) =>
  client.send(new ssm.PutParameterCommand({ Name, Value, Type: "String", ...more }));
const get = async (Name: string, WithDecryption?: boolean) =>
  (await client.send(new ssm.GetParameterCommand({ Name, WithDecryption }))).Parameter;
const names = (list: { Name?: string }[] | undefined) => list?.map(({ Name }) => Name);

describe("a parameter", () => {
  it("is put, read and put again, version after version", async () => {
    assert.equal((await put("/app/url", "one")).Version, 1);
    await assert.rejects(put("/app/url", "two"), { name: "ParameterAlreadyExists" });
    assert.equal((await put("/app/url", "two", { Overwrite: true, Type: undefined })).Version, 2);
    const parameter = await get("/app/url");
    assert.deepEqual(
      [parameter?.Value, parameter?.Version, parameter?.ARN, parameter?.Type],
      ["two", 2, `arn:aws:ssm:us-east-1:${server.account}:parameter/app/url`, "String"],
    );
    const first = await get("/app/url:1");
    assert.deepEqual([first?.Value, first?.Selector], ["one", ":1"]);
    assert.equal((await get(`arn:aws:ssm:us-east-1:${server.account}:parameter/app/url`))?.Value, "two");
    await assert.rejects(get("/app/url:9"), { name: "ParameterVersionNotFound" });
    await assert.rejects(get("/app/other"), { name: "ParameterNotFound" });
    await assert.rejects(put("/app/url", "x", { Overwrite: true, Type: "SecureString" }), { name: "HierarchyTypeMismatchException" });
    const { Parameters } = await client.send(new ssm.GetParameterHistoryCommand({ Name: "/app/url" }));
    assert.deepEqual(
      Parameters?.map(({ Version, Value }) => [Version, Value]),
      [
        [1, "one"],
        [2, "two"],
      ],
    );
    await client.send(new ssm.DeleteParameterCommand({ Name: "/app/url" }));
    await assert.rejects(client.send(new ssm.DeleteParameterCommand({ Name: "/app/url" })), { name: "ParameterNotFound" });
    assert.equal((await put("/app/url", "new")).Version, 1);
    assert.equal((await client.send(new ssm.GetParameterHistoryCommand({ Name: "/app/url" }))).Parameters?.length, 1);
  });

  it("keeps a secure value unseen until it is asked for decrypted", async () => {
    const secret = "s3cr3t-value-Δ";
    await put("/secure/key", secret, { Type: "SecureString" });
    const hidden = await get("/secure/key");
    assert.ok(
      hidden?.Value && !hidden.Value.includes(secret) && !Buffer.from(hidden.Value, "base64").toString("latin1").includes("s3cr3t"),
    );
    assert.equal((await get("/secure/key", true))?.Value, secret);
    await assert.rejects(put("/secure/key2", secret, { Type: "SecureString", KeyId: "alias/mine" }), {
      message: /alias\/mine.*not implemented/,
    });
    await assert.rejects(put("/secure/key3", secret, { Type: "SecureString", AllowedPattern: "[0-9]+" }), (error: Error) => {
      assert.equal(error.name, "ParameterPatternMismatchException");
      assert.ok(!error.message.includes(secret));
      return true;
    });
    assert.ok(!server.log().includes(secret));
  });

  it("has rules", async () => {
    const bad: [string, string, Partial<ssm.PutParameterCommandInput>, string | RegExp][] = [
      ["a/b", "x", {}, /fully qualified/],
      ["aws.x", "x", {}, /reserved/],
      ["big", "x".repeat(4097), {}, /4096/],
      ["bigger", "x".repeat(8193), { Tier: "Advanced" }, /8192/],
      ["untyped", "x", { Type: undefined }, /type is required/],
      ["ami", "x", { DataType: "aws:ec2:image" }, /aws:ec2:image.*not implemented/],
      ["expiring", "x", { Tier: "Advanced", Policies: '[{"Type":"Expiration"}]' }, /policies.*not implemented/],
    ];
    for (const [name, value, more, message] of bad) await assert.rejects(put(name, value, more), { message });
    assert.equal((await put("grown", "x".repeat(5000), { Tier: "Intelligent-Tiering" })).Tier, "Advanced");
  });

  it("remembers a hundred versions", async () => {
    for (let version = 1; version <= 101; version++) await put("many", String(version), { Overwrite: version > 1 });
    const versions: (number | undefined)[] = [];
    for await (const page of ssm.paginateGetParameterHistory({ client }, { Name: "many" }))
      versions.push(...(page.Parameters ?? []).map(({ Version }) => Version));
    assert.equal(versions.length, 100);
    assert.deepEqual([versions[0], versions.at(-1)], [2, 101]);
    await client.send(new ssm.LabelParameterVersionCommand({ Name: "many", ParameterVersion: 2, Labels: ["kept"] }));
    await assert.rejects(put("many", "x", { Overwrite: true }), { name: "ParameterMaxVersionLimitExceeded" });
  });
});

describe("labels", () => {
  it("name a version, and move", async () => {
    await put("labelled", "1");
    await put("labelled", "2", { Overwrite: true });
    const label = (ParameterVersion: number, Labels: string[]) =>
      client.send(new ssm.LabelParameterVersionCommand({ Name: "labelled", ParameterVersion, Labels }));
    await label(1, ["live"]);
    assert.equal((await get("labelled:live"))?.Value, "1");
    assert.deepEqual((await label(2, ["live", "9bad", "aws-x"])).InvalidLabels, ["9bad", "aws-x"]);
    assert.equal((await get("labelled:live"))?.Value, "2");
    const { Parameters } = await client.send(new ssm.GetParameterHistoryCommand({ Name: "labelled" }));
    assert.deepEqual(
      Parameters?.map(({ Labels }) => Labels),
      [[], ["live"]],
    );
    const undone = await client.send(
      new ssm.UnlabelParameterVersionCommand({ Name: "labelled", ParameterVersion: 2, Labels: ["live", "none"] }),
    );
    assert.deepEqual([undone.RemovedLabels, undone.InvalidLabels], [["live"], ["none"]]);
    await assert.rejects(get("labelled:live"), { name: "ParameterVersionNotFound" });
  });
});

describe("many at once", () => {
  before(async () => {
    for (const name of ["/tree/a", "/tree/b", "/tree/deep/c", "/treetop"])
      await put(name, name, { Tags: [{ Key: "of", Value: name.split("/")[1] as string }] });
    await put("/tree/secret", "hush", { Type: "SecureString" });
  });
  it("by name", async () => {
    const { Parameters, InvalidParameters } = await client.send(
      new ssm.GetParametersCommand({ Names: ["/tree/a", "/tree/secret", "/nowhere", "/tree/a:7"], WithDecryption: true }),
    );
    assert.deepEqual(
      Parameters?.map(({ Value }) => Value),
      ["/tree/a", "hush"],
    );
    assert.deepEqual(InvalidParameters, ["/nowhere", "/tree/a:7"]);
  });
  it("by path", async () => {
    const byPath = async (more: Partial<ssm.GetParametersByPathCommandInput>) => {
      const found: (string | undefined)[] = [];
      for await (const page of ssm.paginateGetParametersByPath({ client, pageSize: 2 }, { Path: "/tree", ...more }))
        found.push(...(names(page.Parameters) ?? []));
      return found;
    };
    assert.deepEqual(await byPath({}), ["/tree/a", "/tree/b", "/tree/secret"]);
    assert.deepEqual(await byPath({ Recursive: true }), ["/tree/a", "/tree/b", "/tree/deep/c", "/tree/secret"]);
    assert.deepEqual(await byPath({ ParameterFilters: [{ Key: "Type", Values: ["SecureString"] }] }), ["/tree/secret"]);
  });
  it("described, by filters", async () => {
    const described = async (ParameterFilters: ssm.ParameterStringFilter[]) =>
      names((await client.send(new ssm.DescribeParametersCommand({ ParameterFilters }))).Parameters);
    assert.deepEqual(await described([{ Key: "Name", Option: "BeginsWith", Values: ["/tree/d"] }]), ["/tree/deep/c"]);
    assert.deepEqual(await described([{ Key: "Path", Option: "OneLevel", Values: ["/tree"] }]), ["/tree/a", "/tree/b", "/tree/secret"]);
    assert.deepEqual(await described([{ Key: "tag:of", Values: ["treetop"] }]), ["/treetop"]);
    await assert.rejects(described([{ Key: "Colour", Values: ["red"] }]), { name: /InvalidFilterKey|ValidationException/ });
    const { Parameters } = await client.send(
      new ssm.DescribeParametersCommand({ ParameterFilters: [{ Key: "Name", Values: ["/tree/secret"] }] }),
    );
    assert.ok(!JSON.stringify(Parameters).includes("hush"));
    assert.deepEqual([Parameters?.[0]?.KeyId, Parameters?.[0]?.LastModifiedUser], ["alias/aws/ssm", `arn:aws:iam::${server.account}:root`]);
  });
  it("tagged", async () => {
    const resource = { ResourceType: "Parameter" as const, ResourceId: "/tree/b" };
    await client.send(new ssm.AddTagsToResourceCommand({ ...resource, Tags: [{ Key: "x", Value: "y" }] }));
    await client.send(new ssm.RemoveTagsFromResourceCommand({ ...resource, TagKeys: ["of"] }));
    assert.deepEqual((await client.send(new ssm.ListTagsForResourceCommand(resource))).TagList, [{ Key: "x", Value: "y" }]);
    await assert.rejects(client.send(new ssm.ListTagsForResourceCommand({ ...resource, ResourceId: "/none" })), {
      name: "InvalidResourceId",
    });
  });
  it("deleted", async () => {
    const { DeletedParameters, InvalidParameters } = await client.send(
      new ssm.DeleteParametersCommand({ Names: ["/treetop", "/nowhere"] }),
    );
    assert.deepEqual([DeletedParameters, InvalidParameters], [["/treetop"], ["/nowhere"]]);
  });
});

it("a change is announced on the bus, without its value", async (t) => {
  const listener = await listen();
  t.after(() => listener.stop());
  const sns = server.client(SNSClient);
  const { TopicArn } = await sns.send(new CreateTopicCommand({ Name: "changes" }));
  await sns.send(new SubscribeCommand({ TopicArn, Protocol: "http", Endpoint: listener.url, Attributes: { RawMessageDelivery: "true" } }));
  await fetch(JSON.parse((await listener.next()).body).SubscribeURL);
  const events = server.client(EventBridgeClient);
  await events.send(
    new PutRuleCommand({ Name: "changes", EventPattern: JSON.stringify({ source: ["aws.ssm"], detail: { name: ["/watched"] } }) }),
  );
  await events.send(new PutTargetsCommand({ Rule: "changes", Targets: [{ Id: "t", Arn: TopicArn }] }));
  await put("/watched", "unseen-value", { Type: "SecureString" });
  const { body } = await listener.next();
  const event = JSON.parse(body);
  assert.equal(event["detail-type"], "Parameter Store Change");
  assert.deepEqual(event.detail, { operation: "Create", name: "/watched", type: "SecureString" });
  assert.deepEqual(event.resources, [`arn:aws:ssm:us-east-1:${server.account}:parameter/watched`]);
  assert.ok(!body.includes("unseen-value"));
});

it("the aws CLI works with it", { skip: withoutAws }, async () => {
  const aws = awsCli(server.endpoint, server.environment);
  await aws("ssm", "put-parameter", "--name", "/cli/x", "--type", "StringList", "--value", "a,b");
  assert.equal((await aws("ssm", "get-parameter", "--name", "/cli/x")).Parameter.Value, "a,b");
  assert.equal((await aws("ssm", "get-parameters-by-path", "--path", "/cli")).Parameters.length, 1);
});
