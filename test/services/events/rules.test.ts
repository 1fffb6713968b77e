import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import * as events from "@aws-sdk/client-eventbridge";
import { awsCli, withoutAws } from "../../harness/programs.ts";
import { startServer, type TestServer } from "../../harness/server.ts";

let server: TestServer;
let client: events.EventBridgeClient;
before(async () => {
  server = await startServer();
  client = server.client(events.EventBridgeClient);
});
after(() => server.stop());

const pattern = JSON.stringify({ source: ["my.app"] });
const put = (entry: Partial<events.PutEventsRequestEntry>) =>
  client.send(new events.PutEventsCommand({ Entries: [{ Source: "my.app", DetailType: "Something", Detail: "{}", ...entry }] }));

describe("rules", () => {
  it("are put, described, listed, switched and deleted", async () => {
    const { RuleArn } = await client.send(
      new events.PutRuleCommand({ Name: "one", EventPattern: pattern, Description: "d", Tags: [{ Key: "a", Value: "b" }] }),
    );
    assert.equal(RuleArn, `arn:aws:events:us-east-1:${server.account}:rule/one`);
    await client.send(
      new events.PutTargetsCommand({ Rule: "one", Targets: [{ Id: "t", Arn: `arn:aws:sns:us-east-1:${server.account}:topic` }] }),
    );
    await client.send(new events.PutRuleCommand({ Name: "one", EventPattern: pattern, State: "DISABLED" }));
    const rule = await client.send(new events.DescribeRuleCommand({ Name: "one" }));
    assert.deepEqual([rule.State, rule.EventPattern, rule.Description, rule.EventBusName], ["DISABLED", pattern, undefined, "default"]);
    await client.send(new events.EnableRuleCommand({ Name: "one" }));
    assert.equal((await client.send(new events.DescribeRuleCommand({ Name: "one" }))).State, "ENABLED");
    const { Targets } = await client.send(new events.ListTargetsByRuleCommand({ Rule: "one" }));
    assert.deepEqual(Targets, [{ Id: "t", Arn: `arn:aws:sns:us-east-1:${server.account}:topic` }]);
    const named = await client.send(
      new events.ListRuleNamesByTargetCommand({ TargetArn: `arn:aws:sns:us-east-1:${server.account}:topic` }),
    );
    assert.deepEqual(named.RuleNames, ["one"]);
    assert.deepEqual((await client.send(new events.ListTagsForResourceCommand({ ResourceARN: RuleArn }))).Tags, [{ Key: "a", Value: "b" }]);
    await assert.rejects(client.send(new events.DeleteRuleCommand({ Name: "one" })), {
      name: "ValidationException",
      message: /since it has targets/,
    });
    await client.send(new events.RemoveTargetsCommand({ Rule: "one", Ids: ["t"] }));
    await client.send(new events.DeleteRuleCommand({ Name: "one" }));
    await assert.rejects(client.send(new events.DescribeRuleCommand({ Name: "one" })), {
      name: "ResourceNotFoundException",
      message: "Rule one does not exist on EventBus default.",
    });
    await client.send(new events.DeleteRuleCommand({ Name: "one" }));
  });

  it("refuse a bad pattern or schedule, and store nothing", async () => {
    await assert.rejects(client.send(new events.PutRuleCommand({ Name: "bad", EventPattern: '{"source":"x"}' })), {
      name: "InvalidEventPatternException",
    });
    await assert.rejects(client.send(new events.PutRuleCommand({ Name: "bad", ScheduleExpression: "rate(1 minutes)" })), {
      name: "ValidationException",
    });
    await assert.rejects(client.send(new events.PutRuleCommand({ Name: "bad" })), { name: "ValidationException" });
    await assert.rejects(client.send(new events.PutRuleCommand({ Name: "bad", EventPattern: pattern, EventBusName: "nowhere" })), {
      name: "ResourceNotFoundException",
    });
    await assert.rejects(client.send(new events.DescribeRuleCommand({ Name: "bad" })), { name: "ResourceNotFoundException" });
  });

  it("refuse targets of what there is not, by name", async () => {
    await client.send(new events.PutRuleCommand({ Name: "targets", EventPattern: pattern }));
    const refused: [events.Target, RegExp][] = [
      [{ Id: "t", Arn: `arn:aws:sqs:us-east-1:${server.account}:queue` }, /sqs.*not implemented/],
      [{ Id: "t", Arn: `arn:aws:kinesis:us-east-1:${server.account}:stream/s` }, /kinesis.*not implemented/],
      [{ Id: "t", Arn: "queue" }, /correct format/],
      [{ Id: "t", Arn: `arn:aws:codepipeline:us-east-1:${server.account}:p` }, /RoleArn is required/],
      [{ Id: "t", Arn: `arn:aws:sns:us-east-1:${server.account}:topic`, Input: "no json" }, /JSON syntax error/],
      [
        { Id: "t", Arn: `arn:aws:sns:us-east-1:${server.account}:topic`, DeadLetterConfig: { Arn: "arn:aws:sqs:us-east-1:1:q" } },
        /DeadLetterConfig.*not implemented/,
      ],
      [{ Id: "t", Arn: `arn:aws:sns:us-east-1:${server.account}:topic`, InputTransformer: { InputTemplate: '"<a>"' } }, /<a>/],
    ];
    for (const [target, message] of refused)
      await assert.rejects(
        client.send(
          new events.PutTargetsCommand({
            Rule: "targets",
            Targets: [{ Id: "ok", Arn: `arn:aws:sns:us-east-1:${server.account}:x` }, target],
          }),
        ),
        { message },
      );
    assert.deepEqual((await client.send(new events.ListTargetsByRuleCommand({ Rule: "targets" }))).Targets, []);
  });

  it("come page by page", async () => {
    for (const number of [1, 2, 3]) await client.send(new events.PutRuleCommand({ Name: `paged-${number}`, EventPattern: pattern }));
    const first = await client.send(new events.ListRulesCommand({ NamePrefix: "paged-", Limit: 2 }));
    const second = await client.send(new events.ListRulesCommand({ NamePrefix: "paged-", Limit: 2, NextToken: first.NextToken }));
    assert.deepEqual(
      [...(first.Rules ?? []), ...(second.Rules ?? [])].map(({ Name }) => Name),
      ["paged-1", "paged-2", "paged-3"],
    );
    assert.equal(second.NextToken, undefined);
  });
});

describe("buses", () => {
  it("are there beside the default one, until they are empty and deleted", async () => {
    const { EventBusArn } = await client.send(new events.CreateEventBusCommand({ Name: "own", Tags: [{ Key: "k", Value: "v" }] }));
    assert.equal(EventBusArn, `arn:aws:events:us-east-1:${server.account}:event-bus/own`);
    await assert.rejects(client.send(new events.CreateEventBusCommand({ Name: "own" })), { name: "ResourceAlreadyExistsException" });
    const { EventBuses } = await client.send(new events.ListEventBusesCommand({}));
    assert.deepEqual(
      EventBuses?.map(({ Name }) => Name),
      ["default", "own"],
    );
    const { RuleArn } = await client.send(new events.PutRuleCommand({ Name: "r", EventBusName: "own", EventPattern: pattern }));
    assert.equal(RuleArn, `arn:aws:events:us-east-1:${server.account}:rule/own/r`);
    await assert.rejects(client.send(new events.PutRuleCommand({ Name: "s", EventBusName: "own", ScheduleExpression: "rate(1 day)" })), {
      message: /only on the default event bus/,
    });
    await assert.rejects(client.send(new events.DeleteEventBusCommand({ Name: "own" })), { message: /since it has rules/ });
    await client.send(
      new events.PutPermissionCommand({ EventBusName: "own", StatementId: "s", Action: "events:PutEvents", Principal: "111111111111" }),
    );
    assert.match((await client.send(new events.DescribeEventBusCommand({ Name: "own" }))).Policy ?? "", /111111111111/);
    await client.send(new events.DeleteRuleCommand({ Name: "r", EventBusName: "own" }));
    await client.send(new events.DeleteEventBusCommand({ Name: "own" }));
    await assert.rejects(client.send(new events.DescribeEventBusCommand({ Name: "own" })), { name: "ResourceNotFoundException" });
    await assert.rejects(client.send(new events.DeleteEventBusCommand({ Name: "default" })), { name: "ValidationException" });
  });
});

describe("PutEvents", () => {
  it("judges each entry by itself", async () => {
    const { Entries, FailedEntryCount } = await client.send(
      new events.PutEventsCommand({
        Entries: [
          { Source: "my.app", DetailType: "a", Detail: "{}" },
          { Source: "aws.codecommit", DetailType: "a", Detail: "{}" },
          { Source: "my.app", DetailType: "a", Detail: "[]" },
          { Source: "my.app", DetailType: "a", Detail: "{" },
          { DetailType: "a", Detail: "{}" },
          { Source: "my.app", DetailType: "a", Detail: "{}", EventBusName: "nowhere" },
        ],
      }),
    );
    assert.equal(FailedEntryCount, 5);
    assert.match(Entries?.[0]?.EventId ?? "", /^[0-9a-f-]{36}$/);
    assert.deepEqual(
      Entries?.slice(1).map(({ ErrorCode }) => ErrorCode),
      ["NotAuthorizedForSourceException", "MalformedDetail", "MalformedDetail", "InvalidArgument", "ResourceNotFoundException"],
    );
  });
  it("takes at most ten entries and a megabyte", async () => {
    const entry = { Source: "my.app", DetailType: "a", Detail: "{}" };
    await assert.rejects(client.send(new events.PutEventsCommand({ Entries: Array.from({ length: 11 }, () => entry) })), {
      name: "ValidationException",
    });
    await assert.rejects(put({ Detail: JSON.stringify({ x: "x".repeat(1024 * 1024) }) }), {
      name: "ValidationException",
      message: /Total size/,
    });
  });
});

describe("TestEventPattern", () => {
  const event = {
    id: "1",
    "detail-type": "t",
    source: "s",
    account: "1",
    time: "2026-01-01T00:00:00Z",
    region: "r",
    resources: [],
    detail: { a: 1 },
  };
  it("answers without any rule", async () => {
    const test = (EventPattern: object) =>
      client.send(new events.TestEventPatternCommand({ EventPattern: JSON.stringify(EventPattern), Event: JSON.stringify(event) }));
    assert.equal((await test({ detail: { a: [{ numeric: ["<", 2] }] } })).Result, true);
    assert.equal((await test({ detail: { a: [2] } })).Result, false);
    await assert.rejects(test({ detail: { a: [] } }), { name: "InvalidEventPatternException" });
  });
});

it("the aws CLI works with it", { skip: withoutAws }, async () => {
  const aws = awsCli(server.endpoint, server.environment);
  await aws("events", "put-rule", "--name", "cli", "--schedule-expression", "rate(5 minutes)");
  assert.equal((await aws("events", "describe-rule", "--name", "cli")).ScheduleExpression, "rate(5 minutes)");
  const answer = await aws("events", "put-events", "--entries", JSON.stringify([{ Source: "x", DetailType: "y", Detail: "{}" }]));
  assert.equal(answer.FailedEntryCount, 0);
});
