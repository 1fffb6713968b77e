import type * as sdk from "@aws-sdk/client-cloudwatch-logs";
import type { Handlers } from "../../protocols/operations.ts";
import type { Context } from "../service.ts";
import { type LogEvent, takeBatch } from "./batch.ts";
import { invalid, mustFindGroup, mustFindStream } from "./errors.ts";
import { batches, ordinalPart, type Stream, streamKey, streams } from "./records.ts";

export const putOperations = ({ store, clock }: Context): Handlers<typeof sdk> => ({
  PutLogEvents: async ({ logGroupName = "", logStreamName = "", logEvents = [] }, call) => {
    const now = clock.now().getTime();
    const answer = await store.write(async (tx) => {
      const stream = await mustFindStream(tx, call, logGroupName, logStreamName);
      const { retentionInDays } = await mustFindGroup(tx, call, logGroupName);
      const taken = takeBatch(logEvents as LogEvent[], now, retentionInDays);
      if ("complaint" in taken) throw invalid(taken.complaint);
      const { events, bytes, rejected } = taken;
      const [first, last] = [events[0]?.timestamp, events.at(-1)?.timestamp];
      if (first === undefined || last === undefined) return rejected;
      const key = streamKey(call, logGroupName, logStreamName);
      await tx.put(batches, [...key, ordinalPart(stream.count)], {
        ingestion: now,
        first,
        last,
        events: events.map(({ timestamp, message }) => [timestamp, message] as const),
      });
      const next: Stream = {
        ...stream,
        count: stream.count + events.length,
        bytes: stream.bytes + bytes,
        first: Math.min(stream.first ?? first, first),
        last: Math.max(stream.last ?? last, last),
        lastIngestion: now,
        ordered: stream.ordered && first >= (stream.last ?? first),
      };
      await tx.put(streams, key, next);
      return rejected;
    });
    return { nextSequenceToken: "1", rejectedLogEventsInfo: answer };
  },
});
