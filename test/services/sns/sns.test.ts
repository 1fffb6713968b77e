import assert from "node:assert/strict";
import { createVerify, X509Certificate } from "node:crypto";
import { after, before, describe, it } from "node:test";
import * as sns from "@aws-sdk/client-sns";
import { awsCli, withoutAws } from "../../harness/programs.ts";
import { startServer, type TestServer } from "../../harness/server.ts";
import { type Listener, listen } from "./listener.ts";

let server: TestServer;
let client: sns.SNSClient;
let listener: Listener;
before(async () => {
  server = await startServer();
  client = server.client(sns.SNSClient);
  listener = await listen();
});
after(async () => {
  await server.stop();
  await listener.stop();
});

const topic = async (Name: string, Attributes?: Record<string, string>) =>
  (await client.send(new sns.CreateTopicCommand({ Name, Attributes }))).TopicArn as string;
/** Subscribes the listener and follows the link it is sent. */
const subscribed = async (TopicArn: string, Attributes: Record<string, string> = {}, path = "/") => {
  const { SubscriptionArn } = await client.send(
    new sns.SubscribeCommand({ TopicArn, Protocol: "http", Endpoint: listener.url + path, Attributes }),
  );
  assert.equal(SubscriptionArn, "pending confirmation");
  const asked = JSON.parse((await listener.next()).body);
  const answer = await fetch(asked.SubscribeURL);
  assert.equal(answer.status, 200);
  return /<SubscriptionArn>([^<]+)</.exec(await answer.text())?.[1] as string;
};

const verified = async (message: Record<string, string>) => {
  const names = ["Message", "MessageId", "Subject", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"].filter(
    (name) => message[name] !== undefined,
  );
  const text = names.map((name) => `${name}\n${message[name]}\n`).join("");
  const certificate = new X509Certificate(await (await fetch(message.SigningCertURL as string)).text());
  assert.ok(certificate.verify(certificate.publicKey), "the certificate signs itself");
  assert.ok(new Date(certificate.validTo) > new Date());
  return createVerify(message.SignatureVersion === "2" ? "sha256" : "sha1")
    .update(text)
    .verify(certificate.publicKey, message.Signature as string, "base64");
};

describe("topics", () => {
  it("are made once, described, changed and deleted", async () => {
    const TopicArn = await topic("one", { DisplayName: "One" });
    assert.equal(TopicArn, `arn:aws:sns:us-east-1:${server.account}:one`);
    assert.equal(await topic("one", { DisplayName: "One" }), TopicArn);
    await assert.rejects(topic("one", { DisplayName: "Two" }), { name: "InvalidParameterException" });
    await client.send(new sns.SetTopicAttributesCommand({ TopicArn, AttributeName: "DisplayName", AttributeValue: "Uno" }));
    const { Attributes } = await client.send(new sns.GetTopicAttributesCommand({ TopicArn }));
    assert.equal(Attributes?.DisplayName, "Uno");
    assert.equal(Attributes?.Owner, server.account);
    await client.send(new sns.TagResourceCommand({ ResourceArn: TopicArn, Tags: [{ Key: "a", Value: "b" }] }));
    assert.deepEqual((await client.send(new sns.ListTagsForResourceCommand({ ResourceArn: TopicArn }))).Tags, [{ Key: "a", Value: "b" }]);
    await client.send(new sns.AddPermissionCommand({ TopicArn, Label: "l", AWSAccountId: ["111111111111"], ActionName: ["Publish"] }));
    assert.match((await client.send(new sns.GetTopicAttributesCommand({ TopicArn }))).Attributes?.Policy ?? "", /111111111111:root/);
    await client.send(new sns.RemovePermissionCommand({ TopicArn, Label: "l" }));
    assert.ok((await client.send(new sns.ListTopicsCommand({}))).Topics?.some((one) => one.TopicArn === TopicArn));
    await client.send(new sns.DeleteTopicCommand({ TopicArn }));
    await client.send(new sns.DeleteTopicCommand({ TopicArn }));
    await assert.rejects(client.send(new sns.GetTopicAttributesCommand({ TopicArn })), { name: "NotFoundException" });
    await assert.rejects(client.send(new sns.PublishCommand({ TopicArn, Message: "x" })), {
      name: "NotFoundException",
      message: "Topic does not exist",
    });
  });

  it("refuse by name what is not built", async () => {
    await assert.rejects(topic("x.fifo", { FifoTopic: "true" }), { message: /FIFO.*not implemented/ });
    await assert.rejects(topic("x", { KmsMasterKeyId: "alias/aws/sns" }), { message: /KmsMasterKeyId.*not implemented/ });
    const TopicArn = await topic("refusing");
    await assert.rejects(client.send(new sns.SubscribeCommand({ TopicArn, Protocol: "sqs", Endpoint: "arn:aws:sqs:us-east-1:1:q" })), {
      message: /sqs.*not implemented/,
    });
    await assert.rejects(client.send(new sns.SubscribeCommand({ TopicArn, Protocol: "telex", Endpoint: "1" })), {
      name: "InvalidParameterException",
    });
    await assert.rejects(client.send(new sns.SubscribeCommand({ TopicArn, Protocol: "email", Endpoint: "nobody" })), {
      message: /Email address/,
    });
    await assert.rejects(client.send(new sns.SubscribeCommand({ TopicArn, Protocol: "https", Endpoint: listener.url })), {
      message: /match the specified protocol/,
    });
    await assert.rejects(
      client.send(new sns.SubscribeCommand({ TopicArn, Protocol: "http", Endpoint: listener.url, Attributes: { FilterPolicy: "{" } })),
      { name: "InvalidParameterException", message: /FilterPolicy/ },
    );
    assert.deepEqual((await client.send(new sns.ListSubscriptionsByTopicCommand({ TopicArn }))).Subscriptions, []);
  });
});

describe("an HTTP subscriber", () => {
  it("confirms by the link it is sent, and gets signed notifications", async () => {
    const TopicArn = await topic("http");
    await client.send(new sns.SubscribeCommand({ TopicArn, Protocol: "http", Endpoint: listener.url }));
    await client.send(new sns.PublishCommand({ TopicArn, Message: "too early" }));
    const asked = await listener.next();
    assert.equal(asked.headers["x-amz-sns-message-type"], "SubscriptionConfirmation");
    assert.equal(asked.headers["x-amz-sns-topic-arn"], TopicArn);
    assert.equal(asked.headers["content-type"], "text/plain; charset=UTF-8");
    const question = JSON.parse(asked.body);
    assert.equal(await verified(question), true);
    assert.equal(
      (await client.send(new sns.ListSubscriptionsByTopicCommand({ TopicArn }))).Subscriptions?.[0]?.SubscriptionArn,
      "PendingConfirmation",
    );
    await assert.rejects(client.send(new sns.ConfirmSubscriptionCommand({ TopicArn, Token: "0".repeat(64) })), { message: /Token/ });
    const { SubscriptionArn } = await client.send(new sns.ConfirmSubscriptionCommand({ TopicArn, Token: question.Token }));
    assert.equal(
      (await client.send(new sns.ListSubscriptionsByTopicCommand({ TopicArn }))).Subscriptions?.[0]?.SubscriptionArn,
      SubscriptionArn,
    );

    const { MessageId } = await client.send(
      new sns.PublishCommand({
        TopicArn,
        Subject: "Hello",
        Message: "World ✓",
        MessageAttributes: { n: { DataType: "Number", StringValue: "5" } },
      }),
    );
    const got = await listener.next();
    assert.equal(got.headers["x-amz-sns-message-type"], "Notification");
    assert.equal(got.headers["x-amz-sns-message-id"], MessageId);
    assert.equal(got.headers["x-amz-sns-subscription-arn"], SubscriptionArn);
    const message = JSON.parse(got.body);
    assert.deepEqual([message.Type, message.MessageId, message.Subject, message.Message], ["Notification", MessageId, "Hello", "World ✓"]);
    assert.deepEqual(message.MessageAttributes, { n: { Type: "Number", Value: "5" } });
    assert.equal(await verified(message), true);
    assert.equal(await verified({ ...message, Message: "World" }), false);

    assert.equal((await fetch(message.UnsubscribeURL)).status, 200);
    assert.deepEqual((await client.send(new sns.ListSubscriptionsByTopicCommand({ TopicArn }))).Subscriptions, []);
    await client.send(new sns.PublishCommand({ TopicArn, Message: "too late" }));
    await server.idle();
    assert.equal(listener.waiting(), 0);
  });

  it("signs with SHA-256 when the topic says so", async () => {
    const TopicArn = await topic("http-2", { SignatureVersion: "2" });
    await subscribed(TopicArn);
    await client.send(new sns.PublishCommand({ TopicArn, Message: "m" }));
    const message = JSON.parse((await listener.next()).body);
    assert.equal(message.SignatureVersion, "2");
    assert.equal(await verified(message), true);
  });

  it("gets the bare message when it wants it raw", async () => {
    const TopicArn = await topic("raw");
    await subscribed(TopicArn, { RawMessageDelivery: "true" });
    await client.send(
      new sns.PublishCommand({ TopicArn, MessageStructure: "json", Message: JSON.stringify({ default: "d", http: "for http" }) }),
    );
    const got = await listener.next();
    assert.equal(got.body, "for http");
    assert.equal(got.headers["x-amz-sns-rawdelivery"], "true");
  });

  it("gets what its filter lets through", async () => {
    const TopicArn = await topic("filtered");
    const SubscriptionArn = await subscribed(TopicArn, { FilterPolicy: JSON.stringify({ kind: ["a"] }), RawMessageDelivery: "true" });
    const publish = (text: string, kind: string) =>
      client.send(
        new sns.PublishCommand({ TopicArn, Message: text, MessageAttributes: { kind: { DataType: "String", StringValue: kind } } }),
      );
    await publish("no", "b");
    await publish("yes", "a");
    assert.equal((await listener.next()).body, "yes");
    await client.send(
      new sns.SetSubscriptionAttributesCommand({ SubscriptionArn, AttributeName: "FilterPolicyScope", AttributeValue: "MessageBody" }),
    );
    await publish('{"kind":"b"}', "a");
    await publish('{"kind":"a"}', "b");
    assert.equal((await listener.next()).body, '{"kind":"a"}');
    await server.idle();
    assert.equal(listener.waiting(), 0);
  });

  it("is tried again while it fails, and not when it refuses", async () => {
    const TopicArn = await topic("retried");
    const DeliveryPolicy = JSON.stringify({ healthyRetryPolicy: { numRetries: 2, numNoDelayRetries: 2 } });
    await subscribed(TopicArn, { DeliveryPolicy, RawMessageDelivery: "true" });
    listener.answerWith(500, 503, 200);
    await client.send(new sns.PublishCommand({ TopicArn, Message: "again" }));
    for (const _ of [1, 2, 3]) assert.equal((await listener.next()).body, "again");
    await server.idle();
    assert.equal(listener.waiting(), 0);
    listener.answerWith(404);
    await client.send(new sns.PublishCommand({ TopicArn, Message: "refused" }));
    assert.equal((await listener.next()).body, "refused");
    await server.idle();
    assert.equal(listener.waiting(), 0);
    listener.answerWith(500, 500, 500, 500);
    await client.send(new sns.PublishCommand({ TopicArn, Message: "given up" }));
    for (const _ of [1, 2, 3]) assert.equal((await listener.next()).body, "given up");
    await server.idle();
    assert.equal(listener.waiting(), 0);
    listener.answerWith();
  });

  it("is the same subscription the second time, unless it asks for something else", async () => {
    const TopicArn = await topic("same");
    const first = await subscribed(TopicArn);
    const again = await client.send(new sns.SubscribeCommand({ TopicArn, Protocol: "http", Endpoint: `${listener.url}/` }));
    assert.equal(again.SubscriptionArn, first);
    await assert.rejects(
      client.send(
        new sns.SubscribeCommand({ TopicArn, Protocol: "http", Endpoint: `${listener.url}/`, Attributes: { RawMessageDelivery: "true" } }),
      ),
      { message: /different attributes/ },
    );
  });

  it("is not unsubscribed by strangers when that was asked for", async () => {
    const TopicArn = await topic("guarded");
    await client.send(new sns.SubscribeCommand({ TopicArn, Protocol: "http", Endpoint: listener.url }));
    const { Token } = JSON.parse((await listener.next()).body);
    const { SubscriptionArn } = await client.send(
      new sns.ConfirmSubscriptionCommand({ TopicArn, Token, AuthenticateOnUnsubscribe: "true" }),
    );
    const link = `${server.endpoint}/?Action=Unsubscribe&SubscriptionArn=${SubscriptionArn}&Version=2010-03-31`;
    assert.equal((await fetch(link)).status, 403);
    await client.send(new sns.UnsubscribeCommand({ SubscriptionArn }));
    await assert.rejects(client.send(new sns.GetSubscriptionAttributesCommand({ SubscriptionArn })), { name: "NotFoundException" });
  });
});

describe("messages", () => {
  it("have rules", async () => {
    const TopicArn = await topic("rules");
    const bad: [Partial<sns.PublishCommandInput>, RegExp][] = [
      [{ Message: "" }, /Empty message/],
      [{ Message: "x".repeat(256 * 1024 + 1) }, /too long/],
      [{ Message: "m", Subject: "a\nb" }, /Subject/],
      [{ Message: "m", Subject: "x".repeat(101) }, /Subject/],
      [{ Message: "{}", MessageStructure: "json" }, /No default entry/],
      [{ Message: "m", MessageAttributes: { a: { DataType: "Text", StringValue: "x" } } }, /invalid message attribute type/],
      [{ Message: "m", MessageAttributes: { a: { DataType: "Number", StringValue: "x" } } }, /number/],
      [{ Message: "m", MessageAttributes: { a: { DataType: "String", StringValue: "" } } }, /non-empty/],
      [{ Message: "m", PhoneNumber: "+100" }, /not implemented/],
    ];
    for (const [input, message] of bad)
      await assert.rejects(client.send(new sns.PublishCommand({ TopicArn, Message: "m", ...input })), { message });
    await assert.rejects(client.send(new sns.PublishCommand({ TopicArn: "arn:aws:sns:eu-west-1:123456789012:rules", Message: "m" })), {
      name: "InvalidParameterException",
    });
    await assert.rejects(client.send(new sns.PublishCommand({ TopicArn: "arn:aws:sns:us-east-1:999999999999:rules", Message: "m" })), {
      name: "AuthorizationErrorException",
    });
  });

  it("come in batches, each judged by itself", async () => {
    const TopicArn = await topic("batch");
    await subscribed(TopicArn, { RawMessageDelivery: "true" });
    const { Successful, Failed } = await client.send(
      new sns.PublishBatchCommand({
        TopicArn,
        PublishBatchRequestEntries: [
          { Id: "a", Message: "one" },
          { Id: "b", Message: "two", Subject: "\n" },
          { Id: "c", Message: "three" },
        ],
      }),
    );
    assert.deepEqual(
      [Successful?.map(({ Id }) => Id), Failed?.map(({ Id, Code }) => [Id, Code])],
      [["a", "c"], [["b", "InvalidParameter"]]],
    );
    assert.deepEqual([(await listener.next()).body, (await listener.next()).body].sort(), ["one", "three"]);
    const twice = [
      { Id: "a", Message: "1" },
      { Id: "a", Message: "2" },
    ];
    await assert.rejects(client.send(new sns.PublishBatchCommand({ TopicArn, PublishBatchRequestEntries: twice })), {
      name: /BatchEntryIdsNotDistinct/,
    });
  });
});

it("the aws CLI works with it", { skip: withoutAws }, async () => {
  const aws = awsCli(server.endpoint, server.environment);
  const { TopicArn } = await aws("sns", "create-topic", "--name", "cli", "--attributes", "DisplayName=CLI");
  await aws("sns", "publish", "--topic-arn", TopicArn, "--message", "hello");
  assert.equal((await aws("sns", "get-topic-attributes", "--topic-arn", TopicArn)).Attributes.DisplayName, "CLI");
});
