import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { after, before, describe, it } from "node:test";
import { CreateTopicCommand, SNSClient, SubscribeCommand } from "@aws-sdk/client-sns";
import { until } from "../../harness/until.ts";
import { approval, furnish, openWorkshop, s3Source, type Workshop } from "./workshop.ts";

let shop: Workshop;
const received: { Type: string; Subject?: string; Message: string; SubscribeURL?: string }[] = [];
const listener = createServer(async (request, response) => {
  let body = "";
  for await (const chunk of request) body += chunk;
  received.push(JSON.parse(body));
  response.end();
});
before(async () => {
  shop = await openWorkshop();
  await furnish(shop);
  await shop.putSource({ a: "b" });
  await new Promise<void>((resolve) => listener.listen(0, "127.0.0.1", resolve));
});
after(async () => {
  await shop.server.stop();
  listener.closeAllConnections();
  listener.close();
});

const message = (type: string) => until(type, async () => received.find(({ Type }) => Type === type));

describe("an approval with a topic", () => {
  it("tells it what AWS tells, with the token that answers", async () => {
    const sns = shop.server.client(SNSClient);
    const { TopicArn } = await sns.send(new CreateTopicCommand({ Name: "approvals" }));
    const Endpoint = `http://127.0.0.1:${(listener.address() as AddressInfo).port}/`;
    await sns.send(new SubscribeCommand({ TopicArn, Protocol: "http", Endpoint }));
    await fetch((await message("SubscriptionConfirmation")).SubscribeURL!);
    const configuration = {
      NotificationArn: TopicArn!,
      CustomData: "Version #{Source.VersionId}?",
      ExternalEntityLink: "http://example.com",
    };
    await shop.create("release", [[s3Source()], [approval("Ask", { configuration, timeoutInMinutes: 10 })]]);
    const { Subject, Message } = await message("Notification");
    assert.equal(Subject, "APPROVAL NEEDED: AWS CodePipeline release for action Ask");
    const { region, consoleLink, approval: asked } = JSON.parse(Message);
    assert.equal(region, "us-east-1");
    assert.match(consoleLink, /release/);
    const { approvalReviewLink, expires, token, customData, ...rest } = asked;
    assert.deepEqual(rest, { pipelineName: "release", stageName: "Build", actionName: "Ask", externalEntityLink: "http://example.com" });
    assert.match(customData, /^Version .+\?$/);
    assert.match(approvalReviewLink, /release/);
    assert.match(expires, /^\d{4}-\d\d-\d\dT\d\d:\d\dZ$/);
    const minutes = (Date.parse(expires) - Date.now()) / 60_000;
    assert.ok(minutes > 8 && minutes <= 10, expires);
    assert.equal((await shop.action("release", "Ask"))!.token, token);
  });

  it("fails when there is no such topic", async () => {
    const configuration = { NotificationArn: `arn:aws:sns:us-east-1:${shop.server.account}:nobody` };
    await shop.create("quiet", [[s3Source()], [approval("Ask", { configuration })]]);
    await shop.server.idle();
    assert.equal((await shop.action("quiet", "Ask"))!.status, "Failed");
    assert.deepEqual(await shop.statuses("quiet"), ["Failed"]);
  });
});
