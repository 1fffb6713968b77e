/** What the world hears of a push: the event on the bus, and the repository's own triggers. */
import {
  CodeCommitClient,
  CreateRepositoryCommand,
  PutRepositoryTriggersCommand,
  TestRepositoryTriggersCommand,
} from "@aws-sdk/client-codecommit";
import { EventBridgeClient, PutRuleCommand, PutTargetsCommand } from "@aws-sdk/client-eventbridge";
import { ConfirmSubscriptionCommand, CreateTopicCommand, SNSClient, SubscribeCommand } from "@aws-sdk/client-sns";
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { startServer, type TestServer } from "../../harness/server.ts";
import { type Listener, listen } from "../sns/listener.ts";
import { addressOf, type GitClient, startGitClient } from "./git-client.ts";

let server: TestServer;
let git: GitClient;
let listener: Listener;
before(async () => {
  server = await startServer();
  git = await startGitClient();
  listener = await listen();
});
after(async () => {
  await server.stop();
  await git.end();
  await listener.stop();
});

/** A topic whose messages come to the listener. */
const topic = async (name: string): Promise<string> => {
  const sns = server.client(SNSClient);
  const { TopicArn } = await sns.send(new CreateTopicCommand({ Name: name }));
  await sns.send(new SubscribeCommand({ TopicArn, Protocol: "http", Endpoint: `${listener.url}/${name}` }));
  const { Token } = JSON.parse((await listener.next()).body);
  await sns.send(new ConfirmSubscriptionCommand({ TopicArn, Token }));
  return TopicArn ?? "";
};
// biome-ignore lint/suspicious/noExplicitAny: parsed JSON
const heard = async (): Promise<any> => JSON.parse(JSON.parse((await listener.next()).body).Message);
const pushed = async (name: string) => {
  await server.client(CodeCommitClient).send(new CreateRepositoryCommand({ repositoryName: name }));
  const work = await git.repository(name, { "README.md": "1", "src.js": "1" });
  await git.git(work, "remote", "add", "origin", addressOf(server, name));
  return { work, head: (await git.git(work, "rev-parse", "HEAD")).trim() };
};

test("each reference of a push is one event, in order, with the commit's news", async () => {
  const events = server.client(EventBridgeClient);
  const EventPattern = JSON.stringify({ source: ["aws.codecommit"], detail: { repositoryName: ["told"] } });
  await events.send(new PutRuleCommand({ Name: "pushes", EventPattern }));
  await events.send(new PutTargetsCommand({ Rule: "pushes", Targets: [{ Id: "topic", Arn: await topic("events") }] }));
  const { work, head } = await pushed("told");

  await git.git(work, "push", "--quiet", "origin", "main");
  const created = await heard();
  const { repositoryId, mayfly, ...detail } = created.detail;
  assert.equal(created["detail-type"], "CodeCommit Repository State Change");
  assert.deepEqual(created.resources, ["arn:aws:codecommit:us-east-1:123456789012:told"]);
  assert.match(repositoryId, /^[0-9a-f-]{36}$/);
  assert.deepEqual(detail, {
    callerUserArn: "arn:aws:iam::123456789012:root",
    commitId: head,
    event: "referenceCreated",
    referenceFullName: "refs/heads/main",
    referenceName: "main",
    referenceType: "branch",
    repositoryName: "told",
  });
  assert.deepEqual(mayfly, {
    commit: { id: head, author: { name: "Ann", email: "ann@example.org" }, message: "a change\n" },
    changedPaths: ["README.md", "src.js"],
    changedPathsTruncated: false,
  });

  const second = await git.commit(work, { "src.js": "2" }, "second");
  await git.git(work, "tag", "--annotate", "--message", "one", "v1");
  await git.git(work, "push", "--quiet", "origin", "main", "v1");
  const two = [await heard(), await heard()].map((one) => one.detail).sort((a, b) => (a.referenceName < b.referenceName ? -1 : 1));
  assert.deepEqual(
    two.map(({ event, referenceName, referenceType, commitId, oldCommitId, mayfly: { changedPaths } }) => ({
      event,
      referenceName,
      referenceType,
      commitId,
      oldCommitId,
      changedPaths,
    })),
    [
      {
        event: "referenceUpdated",
        referenceName: "main",
        referenceType: "branch",
        commitId: second,
        oldCommitId: head,
        changedPaths: ["src.js"],
      },
      {
        event: "referenceCreated",
        referenceName: "v1",
        referenceType: "tag",
        commitId: second,
        oldCommitId: undefined,
        changedPaths: ["src.js"],
      },
    ],
  );

  await git.git(work, "push", "--quiet", "origin", ":v1");
  const { event, referenceName, commitId } = (await heard()).detail;
  assert.deepEqual([event, referenceName, commitId], ["referenceDeleted", "v1", undefined]);
});

test("a refused push tells nothing", async () => {
  const { work } = await pushed("quiet");
  await git.git(work, "push", "--quiet", "origin", "main");
  await server.idle();
  const events = server.client(EventBridgeClient);
  await events.send(
    new PutRuleCommand({
      Name: "quiet",
      EventPattern: JSON.stringify({ source: ["aws.codecommit"], detail: { repositoryName: ["quiet"] } }),
    }),
  );
  await events.send(new PutTargetsCommand({ Rule: "quiet", Targets: [{ Id: "topic", Arn: await topic("quiet") }] }));
  assert.notEqual((await git.tryGit(work, "push", "origin", ":main")).code, 0);
  await server.idle();
  assert.equal(listener.waiting(), 0);
});

test("triggers call their topic for the branches and changes they name", async () => {
  const client = server.client(CodeCommitClient);
  const { work, head } = await pushed("triggered");
  const triggers = [
    {
      name: "main-only",
      destinationArn: await topic("triggers"),
      customData: "x",
      branches: ["main"],
      events: ["createReference" as const],
    },
  ];
  const { configurationId } = await client.send(new PutRepositoryTriggersCommand({ repositoryName: "triggered", triggers }));
  await git.git(work, "push", "--quiet", "origin", "main:other", "main");
  const [record] = (await heard()).Records;
  assert.deepEqual(record.codecommit, { references: [{ ref: "refs/heads/main", commit: head, created: true }] });
  assert.equal(record.eventSourceARN, "arn:aws:codecommit:us-east-1:123456789012:triggered");
  assert.equal(record.eventTriggerConfigId, configurationId);
  assert.deepEqual(
    [record.eventTriggerName, record.customData, record.userIdentityARN],
    ["main-only", "x", "arn:aws:iam::123456789012:root"],
  );

  const none = { ...triggers[0], name: "nowhere", destinationArn: "arn:aws:sns:us-east-1:123456789012:nowhere" } as (typeof triggers)[0];
  const tested = await client.send(new TestRepositoryTriggersCommand({ repositoryName: "triggered", triggers: [...triggers, none] }));
  assert.deepEqual(tested.successfulExecutions, ["main-only"]);
  assert.deepEqual(
    tested.failedExecutions?.map(({ trigger }) => trigger),
    ["nowhere"],
  );
  assert.deepEqual((await heard()).Records[0].codecommit, { references: [{ ref: "refs/heads/main", commit: head }] });
  await server.idle();
  assert.equal(listener.waiting(), 0);
});
