import type * as sdk from "@aws-sdk/client-cloudwatch-logs";
import type { Handlers } from "../../protocols/operations.ts";
import type { Context } from "../service.ts";
import { groupNamed, invalid, mustFindStream } from "./errors.ts";
import { type StoredEvent, walk } from "./reading.ts";

const MOST = 10_000;
const MOST_BYTES = 1_048_576;

export const readOperations = ({ store }: Context): Handlers<typeof sdk> => ({
  GetLogEvents: async (input, call) => {
    const { logStreamName = "", startTime = 0, endTime = Number.MAX_SAFE_INTEGER, nextToken, limit = MOST, startFromHead = false } = input;
    const group = groupNamed(input);
    return store.read(async (tx) => {
      const stream = await mustFindStream(tx, call, group, logStreamName);
      const token = nextToken === undefined ? undefined : readToken(nextToken);
      const backwards = token ? token.backwards : !startFromHead;
      const from = token?.ordinal ?? (backwards ? stream.count : 0);
      const found: StoredEvent[] = [];
      let bytes = 0;
      let past: number | undefined;
      for await (const event of walk(tx, call, group, stream, from, backwards)) {
        const size = Buffer.byteLength(event.message) + 26;
        if (found.length >= limit || bytes + size > MOST_BYTES) break;
        past = event.ordinal;
        if (event.timestamp < startTime || event.timestamp >= endTime) continue;
        bytes += size;
        found.push(event);
      }
      if (backwards) found.reverse();
      // What lies before the page, and what comes after it: the same token again where there is nothing.
      const [begin, end] = backwards ? [past ?? from, from] : [from, past === undefined ? from : past + 1];
      return {
        events: found.map(({ timestamp, message, ingestion }) => ({ timestamp, message, ingestionTime: ingestion })),
        nextForwardToken: `f/${String(end).padStart(56, "0")}/s`,
        nextBackwardToken: `b/${String(begin).padStart(56, "0")}/s`,
      };
    });
  },
});

const readToken = (token: string): { backwards: boolean; ordinal: number } => {
  const [, direction, ordinal] = /^([fb])\/(\d{56})\/s$/.exec(token) ?? [];
  if (!direction) throw invalid("The specified nextToken is invalid.");
  return { backwards: direction === "b", ordinal: Number(ordinal) };
};
