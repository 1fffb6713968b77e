import type * as sdk from "@aws-sdk/client-cloudwatch-logs";
import { page } from "../../lib/pages.ts";
import type { Handlers } from "../../protocols/operations.ts";
import type { Context } from "../service.ts";
import { exists, groupNamed, invalid, mustFindGroup, mustFindStream } from "./errors.ts";
import { batches, groupArn, groupKey, type Stream, streamKey, streams } from "./records.ts";

export const streamOperations = ({ store, clock }: Context): Handlers<typeof sdk> => ({
  CreateLogStream: async ({ logGroupName = "", logStreamName = "" }, call) =>
    store.write(async (tx) => {
      await mustFindGroup(tx, call, logGroupName);
      const stream: Stream = { name: logStreamName, created: clock.now().getTime(), count: 0, bytes: 0, ordered: true };
      if (!(await tx.create(streams, streamKey(call, logGroupName, logStreamName), stream))) throw exists("log stream");
      return {};
    }),
  DeleteLogStream: async ({ logGroupName = "", logStreamName = "" }, call) =>
    store.write(async (tx) => {
      await mustFindStream(tx, call, logGroupName, logStreamName);
      await tx.delete(streams, streamKey(call, logGroupName, logStreamName));
      await tx.deleteAll(batches, streamKey(call, logGroupName, logStreamName));
      return {};
    }),
  DescribeLogStreams: async (input, call) => {
    const { logStreamNamePrefix, orderBy = "LogStreamName", descending = false, nextToken, limit = 50 } = input;
    if (orderBy === "LastEventTime" && logStreamNamePrefix !== undefined)
      throw invalid("Cannot order by LastEventTime with a logStreamNamePrefix.");
    const group = groupNamed(input);
    const all = await store.read(async (tx) => {
      await mustFindGroup(tx, call, group);
      return tx.list(streams, { prefix: groupKey(call, group) });
    });
    // The token names the last stream given, so its order is made part of the name.
    const rank = ({ name, last = 0 }: Stream) => (orderBy === "LogStreamName" ? name : `${String(last).padStart(15, "0")} ${name}`);
    const chosen = all.filter(({ name }) => name.startsWith(logStreamNamePrefix ?? ""));
    const found = paged(chosen, descending ? (stream) => inverted(rank(stream)) : rank, limit, nextToken);
    return {
      logStreams: found.items.map(({ name, created, first, last, lastIngestion, bytes }) => ({
        logStreamName: name,
        creationTime: created,
        firstEventTimestamp: first,
        lastEventTimestamp: last,
        lastIngestionTime: lastIngestion,
        uploadSequenceToken: "1",
        arn: `${groupArn(call, group)}:log-stream:${name}`,
        storedBytes: bytes,
      })),
      nextToken: found.next,
    };
  },
});

/** A text that sorts the other way round. */
const inverted = (text: string): string =>
  Array.from(text, (character) => String.fromCharCode(0xffff - character.charCodeAt(0))).join("") + "\uffff";

const paged = (items: Stream[], nameOf: (stream: Stream) => string, limit: number, token: string | undefined) => {
  try {
    return page(items, nameOf, limit, token);
  } catch {
    throw invalid("The specified nextToken is invalid.");
  }
};
