import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import * as sns from "@aws-sdk/client-sns";
import { startServer } from "../../harness/server.ts";
import { listen } from "./listener.ts";

test("a message that was not taken yet is delivered by the next server", async (t) => {
  const data = await mkdtemp(join(tmpdir(), "mayfly-sns-"));
  const listener = await listen();
  t.after(async () => {
    await listener.stop();
    await rm(data, { recursive: true, force: true });
  });
  const first = await startServer({ data });
  const client = first.client(sns.SNSClient);
  const { TopicArn } = await client.send(new sns.CreateTopicCommand({ Name: "kept" }));
  const DeliveryPolicy = JSON.stringify({ healthyRetryPolicy: { numRetries: 3, minDelayTarget: 1, maxDelayTarget: 1 } });
  await client.send(new sns.SubscribeCommand({ TopicArn, Protocol: "http", Endpoint: listener.url, Attributes: { DeliveryPolicy } }));
  const { Token } = JSON.parse((await listener.next()).body);
  await client.send(new sns.ConfirmSubscriptionCommand({ TopicArn, Token }));
  listener.answerWith(503);
  const { MessageId } = await client.send(new sns.PublishCommand({ TopicArn, Message: "still here" }));
  assert.equal(JSON.parse((await listener.next()).body).MessageId, MessageId);
  await first.idle();
  await first.stop();

  const second = await startServer({ data });
  t.after(() => second.stop());
  const message = JSON.parse((await listener.next()).body);
  assert.deepEqual([message.MessageId, message.Message], [MessageId, "still here"]);
  assert.ok(message.SigningCertURL.startsWith(second.endpoint));
  const { Subscriptions } = await second.client(sns.SNSClient).send(new sns.ListSubscriptionsByTopicCommand({ TopicArn }));
  assert.equal(Subscriptions?.length, 1);
});
