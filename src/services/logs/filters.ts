import type * as sdk from "@aws-sdk/client-cloudwatch-logs";
import { page } from "../../lib/pages.ts";
import type { Handlers } from "../../protocols/operations.ts";
import type { Context } from "../service.ts";
import { groupNamed, invalid, mustFindGroup } from "./errors.ts";
import { BadPattern, parsePattern } from "./filter-pattern.ts";
import { eventsBetween } from "./reading.ts";
import { groupKey, streams } from "./records.ts";

const MOST = 10_000;

export const filterOperations = ({ store }: Context): Handlers<typeof sdk> => ({
  FilterLogEvents: async (input, call) => {
    const {
      logStreamNames,
      logStreamNamePrefix,
      startTime = 0,
      endTime = Number.MAX_SAFE_INTEGER,
      filterPattern = "",
      nextToken,
      limit = MOST,
    } = input;
    if (logStreamNames && logStreamNamePrefix !== undefined)
      throw invalid("logStreamNamePrefix and logStreamNames are mutually exclusive.");
    const matches = patternOf(filterPattern);
    const group = groupNamed(input);
    const found = await store.read(async (tx) => {
      await mustFindGroup(tx, call, group);
      const all = await tx.list(streams, { prefix: groupKey(call, group) });
      const chosen = all.filter(({ name }) =>
        logStreamNames ? logStreamNames.includes(name) : name.startsWith(logStreamNamePrefix ?? ""),
      );
      const events = await Promise.all(
        chosen.map(async (stream) =>
          (await eventsBetween(tx, call, group, stream, startTime, endTime))
            .filter(({ message }) => matches(message))
            .map((event) => ({ ...event, stream: stream.name })),
        ),
      );
      return events.flat();
    });
    const given = paged(found, limit, nextToken);
    return {
      events: given.items.map((event) => ({
        logStreamName: event.stream,
        timestamp: event.timestamp,
        message: event.message,
        ingestionTime: event.ingestion,
        eventId: idOf(event),
      })),
      searchedLogStreams: [],
      nextToken: given.next,
    };
  },
});

/** Unique in the group, and in the order of time. */
const idOf = ({ timestamp, ordinal, stream }: { timestamp: number; ordinal: number; stream: string }): string =>
  String(timestamp).padStart(16, "0") + String(ordinal).padStart(12, "0") + String(hash(stream)).padStart(28, "0");
const hash = (text: string): number => {
  let value = 0;
  for (const character of text) value = (value * 31 + (character.codePointAt(0) ?? 0)) % 9_007_199_254_740;
  return value;
};

const patternOf = (text: string) => {
  try {
    return parsePattern(text);
  } catch (error) {
    if (error instanceof BadPattern) throw invalid(error.message);
    throw error;
  }
};
const paged = <T extends Parameters<typeof idOf>[0]>(items: T[], limit: number, token: string | undefined) => {
  try {
    return page(items, idOf, limit, token);
  } catch {
    throw invalid("The specified nextToken is invalid.");
  }
};
