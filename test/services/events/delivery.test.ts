import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import * as events from "@aws-sdk/client-eventbridge";
import { CreateTopicCommand, SNSClient, SubscribeCommand } from "@aws-sdk/client-sns";
import { startServer, type TestServer } from "../../harness/server.ts";
import { type Listener, listen } from "../sns/listener.ts";

let server: TestServer;
let client: events.EventBridgeClient;
let listener: Listener;
let topic: string;
before(async () => {
  server = await startServer();
  client = server.client(events.EventBridgeClient);
  listener = await listen();
  const sns = server.client(SNSClient);
  topic = (await sns.send(new CreateTopicCommand({ Name: "events" }))).TopicArn as string;
  await sns.send(
    new SubscribeCommand({ TopicArn: topic, Protocol: "http", Endpoint: listener.url, Attributes: { RawMessageDelivery: "true" } }),
  );
  await fetch(JSON.parse((await listener.next()).body).SubscribeURL);
});
after(async () => {
  await server.stop();
  await listener.stop();
});

let names = 0;
/** A rule that sends to the listener; removed by what it returns. */
const rule = async (more: Partial<events.PutRuleCommandInput>, target: Partial<events.Target> = {}) => {
  const Name = `rule-${++names}`;
  const { EventBusName } = more;
  const { RuleArn } = await client.send(new events.PutRuleCommand({ Name, ...more }));
  await client.send(new events.PutTargetsCommand({ Rule: Name, EventBusName, Targets: [{ Id: "t", Arn: topic, ...target }] }));
  const remove = async () => {
    await client.send(new events.RemoveTargetsCommand({ Rule: Name, EventBusName, Ids: ["t"] }));
    await client.send(new events.DeleteRuleCommand({ Name, EventBusName }));
  };
  return { arn: RuleArn as string, remove };
};
const put = async (detail: object, more: Partial<events.PutEventsRequestEntry> = {}) => {
  const { Entries } = await client.send(
    new events.PutEventsCommand({
      Entries: [{ Source: "my.app", DetailType: "Thing", Detail: JSON.stringify(detail), Resources: ["arn:x"], ...more }],
    }),
  );
  assert.equal(Entries?.[0]?.ErrorMessage, undefined);
  return Entries?.[0]?.EventId as string;
};
const quiet = async () => {
  await server.idle();
  assert.equal(listener.waiting(), 0);
};

describe("an event", () => {
  it("reaches the targets of the rules that want it, as EventBridge writes it", async () => {
    const { remove } = await rule({ EventPattern: JSON.stringify({ source: ["my.app"], detail: { state: ["bad"] } }) });
    await put({ state: "good" });
    const id = await put({ state: "bad", n: 1 }, { Time: new Date("2026-02-03T04:05:06.789Z") });
    assert.deepEqual(JSON.parse((await listener.next()).body), {
      version: "0",
      id,
      "detail-type": "Thing",
      source: "my.app",
      account: server.account,
      time: "2026-02-03T04:05:06Z",
      region: "us-east-1",
      resources: ["arn:x"],
      detail: { state: "bad", n: 1 },
    });
    await remove();
    await put({ state: "bad" });
    await quiet();
  });

  it("is changed on the way as the target says", async () => {
    const EventPattern = JSON.stringify({ source: ["my.app"] });
    const sent: [Partial<events.Target>, string][] = [
      [{ Input: '{"constant":true}' }, '{"constant":true}'],
      [{ InputPath: "$.detail" }, '{"state":"x"}'],
      [{ InputTransformer: { InputPathsMap: { s: "$.detail.state" }, InputTemplate: '"state is <s>"' } }, '"state is x"'],
    ];
    for (const [target, text] of sent) {
      const { remove } = await rule({ EventPattern }, target);
      await put({ state: "x" });
      assert.equal((await listener.next()).body, text);
      await remove();
    }
  });

  it("does not reach a disabled rule", async () => {
    const { remove } = await rule({ EventPattern: JSON.stringify({ source: ["my.app"] }), State: "DISABLED" });
    await put({});
    await quiet();
    await remove();
  });

  it("goes from bus to bus, and not for ever", async () => {
    const own = await client.send(new events.CreateEventBusCommand({ Name: "loop" }));
    const EventPattern = JSON.stringify({ source: ["my.app"] });
    const there = await rule({ EventPattern }, { Arn: own.EventBusArn });
    const back = await rule(
      { EventPattern, EventBusName: "loop" },
      { Arn: `arn:aws:events:us-east-1:${server.account}:event-bus/default` },
    );
    const heard = await rule({ EventPattern, EventBusName: "loop" });
    const id = await put({});
    const bodies: { id: string }[] = [];
    for (const _ of [1, 2, 3]) bodies.push(JSON.parse((await listener.next()).body));
    assert.deepEqual(new Set(bodies.map((body) => body.id)), new Set([id]));
    await quiet();
    for (const one of [there, back, heard]) await one.remove();
  });

  it("that a target refuses is dropped, with a line in the log", async () => {
    const { remove } = await rule(
      { EventPattern: JSON.stringify({ source: ["my.app"] }) },
      { Arn: `arn:aws:sns:us-east-1:${server.account}:nowhere` },
    );
    await put({});
    await server.idle();
    assert.match(server.log(), /a target did not take an event .*:nowhere/);
    await remove();
  });
});
