import assert from "node:assert/strict";
import { createHash, createHmac } from "node:crypto";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { test } from "node:test";
import * as sns from "@aws-sdk/client-sns";
import { SignatureV4 } from "@smithy/signature-v4";
import { assemble } from "../../../src/assemble.ts";
import { readConfig } from "../../../src/config.ts";
import { logTo } from "../../../src/lib/log.ts";
import { startServer, type TestServer } from "../../harness/server.ts";

class Sha256 {
  readonly hash;
  // biome-ignore lint/suspicious/noExplicitAny: whatever the signer keys it with
  constructor(secret?: any) {
    this.hash = secret === undefined ? createHash("sha256") : createHmac("sha256", secret);
  }
  // biome-ignore lint/suspicious/noExplicitAny: text or bytes
  update(data: any) {
    this.hash.update(data);
  }
  async digest() {
    return this.hash.digest();
  }
}

const mailOf = async (server: TestServer, query: Record<string, string> = {}) => {
  const { hostname, port, host } = new URL(server.endpoint);
  const signer = new SignatureV4({ service: "sns", region: server.region, credentials: server.credentials, sha256: Sha256 });
  const { headers } = await signer.sign({
    method: "GET",
    protocol: "http:",
    hostname,
    port: Number(port),
    path: "/_mayfly/mail",
    query,
    headers: { host },
  });
  const response = await fetch(`${server.endpoint}/_mayfly/mail?${new URLSearchParams(query)}`, { headers });
  assert.equal(response.status, 200);
  return ((await response.json()) as { mail: { to: string; subject: string; text: string; kind: string; link?: string; at: string }[] })
    .mail;
};

test("without a mail server, e-mails are kept and shown to who signs in", async (t) => {
  const server = await startServer();
  t.after(() => server.stop());
  const client = server.client(sns.SNSClient);
  const { TopicArn } = await client.send(new sns.CreateTopicCommand({ Name: "approvals" }));
  await client.send(new sns.SubscribeCommand({ TopicArn, Protocol: "email", Endpoint: "ann@example.com" }));
  await client.send(new sns.SubscribeCommand({ TopicArn, Protocol: "email-json", Endpoint: "bob@example.com" }));
  await server.idle();
  assert.equal((await fetch(`${server.endpoint}/_mayfly/mail`)).status, 403);
  const [question] = await mailOf(server, { to: "ann@example.com" });
  assert.deepEqual([question?.kind, question?.subject], ["confirmation", "AWS Notification - Subscription Confirmation"]);
  assert.ok(question?.text.includes(question.link as string));
  assert.equal((await fetch(question?.link as string)).status, 200);
  const [question2] = await mailOf(server, { to: "bob@example.com" });
  await client.send(new sns.ConfirmSubscriptionCommand({ TopicArn, Token: JSON.parse(question2?.text ?? "").Token }));

  await client.send(new sns.PublishCommand({ TopicArn, Subject: "APPROVAL NEEDED", Message: "please look" }));
  await server.idle();
  const notes = (await mailOf(server)).filter(({ kind }) => kind === "notification");
  assert.deepEqual(notes.map(({ to }) => to).sort(), ["ann@example.com", "bob@example.com"]);
  const ann = notes.find(({ to }) => to === "ann@example.com");
  assert.equal(ann?.subject, "APPROVAL NEEDED");
  assert.match(ann?.text ?? "", /^please look\n/);
  assert.equal(JSON.parse(notes.find(({ to }) => to === "bob@example.com")?.text ?? "").Message, "please look");
  assert.deepEqual(await mailOf(server, { after: new Date(Date.now() + 1000).toISOString() }), []);
});

test("with a mail server, they are sent, and again when it was away", async (t) => {
  const letters: string[] = [];
  let arrived = () => {};
  let refuse = true;
  const mailServer = createServer((socket) => speak(socket));
  const speak = (socket: Socket) => {
    let data: string | undefined;
    let buffer = "";
    socket.setEncoding("utf8").write("220 test\r\n");
    socket.on("error", () => {});
    socket.on("data", (text) => {
      buffer += text;
      for (let cut = buffer.indexOf("\r\n"); cut >= 0; cut = buffer.indexOf("\r\n")) {
        const line = buffer.slice(0, cut);
        buffer = buffer.slice(cut + 2);
        if (data !== undefined && line !== ".") data += `${line}\n`;
        else if (data !== undefined) {
          letters.push(data);
          data = undefined;
          socket.write("250 ok\r\n");
          arrived();
        } else if (line === "DATA") {
          data = refuse ? undefined : "";
          socket.write(refuse ? "451 later\r\n" : "354 go\r\n");
          refuse = false;
        } else socket.write(line === "QUIT" ? "221 bye\r\n" : "250 ok\r\n");
      }
    });
  };
  await new Promise<void>((resolve) => mailServer.listen(0, "127.0.0.1", resolve));
  const { port } = mailServer.address() as AddressInfo;
  let logged = "";
  const config = readConfig(["--port", "0", "--memory"], {
    MAYFLY_SMTP_URL: `smtp://127.0.0.1:${port}`,
    MAYFLY_SMTP_FROM: "mayfly@example.com",
  });
  const server = await assemble(
    config,
    logTo((text) => void (logged += text)),
  );
  t.after(async () => {
    await server.stop();
    mailServer.close();
  });
  const client = new sns.SNSClient({ endpoint: server.endpoint, region: "us-east-1", credentials: server.credentials });
  t.after(() => client.destroy());
  const { TopicArn } = await client.send(new sns.CreateTopicCommand({ Name: "posted" }));
  const came = new Promise<void>((resolve) => {
    arrived = resolve;
  });
  await client.send(new sns.SubscribeCommand({ TopicArn, Protocol: "email", Endpoint: "ann@example.com" }));
  await came;
  assert.match(letters[0] ?? "", /^To: ann@example.com$/m);
  assert.match(letters[0] ?? "", /^From: mayfly@example.com$/m);
  assert.match(letters[0] ?? "", /^Subject: AWS Notification - Subscription Confirmation$/m);
  assert.match(logged, /is tried again/);
});
