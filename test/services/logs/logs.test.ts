import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import {
  CloudWatchLogsClient,
  CreateLogGroupCommand,
  CreateLogStreamCommand,
  DeleteLogGroupCommand,
  DescribeLogGroupsCommand,
  DescribeLogStreamsCommand,
  FilterLogEventsCommand,
  GetLogEventsCommand,
  PutLogEventsCommand,
  PutRetentionPolicyCommand,
} from "@aws-sdk/client-cloudwatch-logs";
import { awsCli, withoutAws } from "../../harness/programs.ts";
import { startServer, type TestServer } from "../../harness/server.ts";

describe("logs", () => {
  let server: TestServer;
  let logs: CloudWatchLogsClient;
  const start = Date.now() - 60_000;
  before(async () => {
    server = await startServer();
    logs = server.client(CloudWatchLogsClient);
  });
  after(() => server.stop());

  const stream = async (logGroupName: string, logStreamName: string) => {
    await logs.send(new CreateLogGroupCommand({ logGroupName })).catch(() => {});
    await logs.send(new CreateLogStreamCommand({ logGroupName, logStreamName }));
    return { logGroupName, logStreamName };
  };
  const put = (where: { logGroupName: string; logStreamName: string }, ...events: [ms: number, message: string][]) =>
    logs.send(new PutLogEventsCommand({ ...where, logEvents: events.map(([ms, message]) => ({ timestamp: start + ms, message })) }));

  it("makes groups and streams once", async () => {
    const where = await stream("/once", "a");
    await assert.rejects(logs.send(new CreateLogGroupCommand({ logGroupName: "/once" })), { name: "ResourceAlreadyExistsException" });
    await assert.rejects(logs.send(new CreateLogStreamCommand(where)), { name: "ResourceAlreadyExistsException" });
    await assert.rejects(put({ logGroupName: "/none", logStreamName: "a" }, [0, "x"]), {
      name: "ResourceNotFoundException",
      message: /log group does not exist/,
    });
    await assert.rejects(put({ logGroupName: "/once", logStreamName: "b" }, [0, "x"]), {
      name: "ResourceNotFoundException",
      message: /log stream does not exist/,
    });
  });

  it("pages forward and back over batches, and follows what comes later", async () => {
    const where = await stream("/pages", "a");
    for (let i = 0; i < 10; i++)
      await put(where, ...Array.from({ length: 7 }, (_, j): [number, string] => [i * 7 + j, `line ${i * 7 + j}`]));
    const get = async (more: object) => logs.send(new GetLogEventsCommand({ ...where, ...more }));
    const lines = (page: { events?: { message?: string }[] }) => page.events?.map(({ message }) => Number(message?.split(" ")[1]));
    const first = await get({ startFromHead: true, limit: 10 });
    assert.deepEqual(lines(first), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    const second = await get({ nextToken: first.nextForwardToken, limit: 60 });
    assert.deepEqual([lines(second)?.[0], lines(second)?.at(-1)], [10, 69]);
    const end = await get({ nextToken: second.nextForwardToken });
    assert.deepEqual([lines(end), end.nextForwardToken], [[], second.nextForwardToken]);
    await put(where, [100, "line 70"]);
    assert.deepEqual(lines(await get({ nextToken: end.nextForwardToken })), [70]);
    const last = await get({ limit: 5 });
    assert.deepEqual(lines(last), [66, 67, 68, 69, 70]);
    assert.deepEqual(lines(await get({ nextToken: last.nextBackwardToken, limit: 3 })), [63, 64, 65]);
    assert.deepEqual(lines(await get({ startTime: start + 20, endTime: start + 23, startFromHead: true })), [20, 21, 22]);
    const begin = await get({ nextToken: first.nextBackwardToken });
    assert.deepEqual([lines(begin), begin.nextBackwardToken], [[], first.nextBackwardToken]);
  });

  it("puts batches that arrive late where their time belongs", async () => {
    const where = await stream("/late", "a");
    await put(where, [10, "second"], [30, "fourth"]);
    await put(where, [5, "first"], [20, "third"]);
    const { events } = await logs.send(new GetLogEventsCommand({ ...where, startFromHead: true }));
    assert.deepEqual(
      events?.map(({ message }) => message),
      ["first", "second", "third", "fourth"],
    );
  });

  it("filters over the streams of a group, in the order of time, page by page", async () => {
    const [one, two] = [await stream("/filter", "one"), await stream("/filter", "two")];
    await put(one, [0, "ERROR a"], [20, "ERROR c"], [30, "fine"]);
    await put(two, [10, "ERROR b"], [40, "ERROR d"]);
    const seen: (string | undefined)[] = [];
    let nextToken: string | undefined;
    do {
      const page = await logs.send(new FilterLogEventsCommand({ logGroupName: "/filter", filterPattern: "ERROR", limit: 3, nextToken }));
      seen.push(...(page.events ?? []).map(({ message, logStreamName }) => `${message} ${logStreamName}`));
      nextToken = page.nextToken;
    } while (nextToken);
    assert.deepEqual(seen, ["ERROR a one", "ERROR b two", "ERROR c one", "ERROR d two"]);
    const between = await logs.send(new FilterLogEventsCommand({ logGroupName: "/filter", startTime: start + 10, endTime: start + 20 }));
    assert.deepEqual(
      between.events?.map(({ message }) => message),
      ["ERROR b", "ERROR c"],
      "both ends are included",
    );
    await assert.rejects(logs.send(new FilterLogEventsCommand({ logGroupName: "/filter", filterPattern: "{ nonsense" })), {
      name: "InvalidParameterException",
    });
  });

  it("describes groups and streams by what was last", async () => {
    const [old, recent] = [await stream("/describe", "old"), await stream("/describe", "recent")];
    await put(old, [0, "x"]);
    await put(recent, [50, "y"]);
    await stream("/describe", "empty");
    const { logStreams } = await logs.send(
      new DescribeLogStreamsCommand({ logGroupName: "/describe", orderBy: "LastEventTime", descending: true, limit: 2 }),
    );
    assert.deepEqual(
      logStreams?.map(({ logStreamName }) => logStreamName),
      ["recent", "old"],
    );
    await logs.send(new PutRetentionPolicyCommand({ logGroupName: "/describe", retentionInDays: 7 }));
    const { logGroups } = await logs.send(new DescribeLogGroupsCommand({ logGroupNamePrefix: "/desc" }));
    assert.deepEqual([logGroups?.length, logGroups?.[0]?.retentionInDays, logGroups?.[0]?.storedBytes], [1, 7, 54]);
    await assert.rejects(logs.send(new PutRetentionPolicyCommand({ logGroupName: "/describe", retentionInDays: 8 })), {
      name: "InvalidParameterException",
    });
    await logs.send(new DeleteLogGroupCommand({ logGroupName: "/describe" }));
    await assert.rejects(logs.send(new GetLogEventsCommand(old)), { name: "ResourceNotFoundException" });
  });

  it("speaks with the aws CLI", { skip: withoutAws }, async () => {
    const where = await stream("/cli", "a");
    await put(where, [0, "hello"]);
    const aws = awsCli(server.endpoint, server.environment);
    const { events } = await aws("logs", "get-log-events", "--log-group-name", "/cli", "--log-stream-name", "a");
    assert.equal(events[0].message, "hello");
  });
});
