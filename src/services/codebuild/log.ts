/** A build's log on its way to CloudWatch Logs. It never holds up the build, and never fails it. */
import type { CloudWatchLogsClient, InputLogEvent } from "@aws-sdk/client-cloudwatch-logs";
import { setTimeout as pause } from "node:timers/promises";
import type { Aws } from "../../aws/aws.ts";
import type { Log } from "../../lib/log.ts";

/** Long enough to gather a burst, short enough to follow live. */
const gatherMs = 50;
const mostEvents = 5_000;
const mostBytes = 900_000;
const mostTries = 5;
const tailLines = 30;

export interface BuildLog {
  line(text: string, at: number): void;
  /** Resolves when all is there, or after some tries in vain. */
  drain(): Promise<void>;
  tail(): string[];
}

export interface LogOptions {
  readonly aws: Aws;
  /** Absent: logs are switched off for the project. */
  readonly place?: { readonly group: string; readonly stream: string };
  readonly mask: (line: string) => string;
  /** An earlier process wrote to the stream: what is there already is not written again. */
  readonly resumed: boolean;
  readonly log: Log;
}

export const createBuildLog = ({ aws, place, mask, resumed, log }: LogOptions): BuildLog => {
  const tail: string[] = [];
  let waiting: InputLogEvent[] = [];
  let sending: Promise<void> | undefined;
  let timer: NodeJS.Timeout | undefined;
  let latest = 0;
  let skip = 0;
  /** Logs are read in the order of their times: nothing may seem older than what is there. */
  let shippedUntil = 0;
  let ready: Promise<CloudWatchLogsClient> | undefined;
  let dead = false;

  const open = async () => {
    const { CloudWatchLogsClient, CreateLogGroupCommand, CreateLogStreamCommand, GetLogEventsCommand } = await import(
      "@aws-sdk/client-cloudwatch-logs"
    );
    const client = aws.client(CloudWatchLogsClient);
    const { group: logGroupName, stream: logStreamName } = place as { group: string; stream: string };
    const unlessThere = (error: Error) => {
      if (error.name !== "ResourceAlreadyExistsException") throw error;
    };
    const stream = () => client.send(new CreateLogStreamCommand({ logGroupName, logStreamName }));
    await stream().catch(async (error) => {
      if (error.name !== "ResourceNotFoundException") return unlessThere(error);
      await client.send(new CreateLogGroupCommand({ logGroupName })).catch(unlessThere);
      await stream().catch(unlessThere);
    });
    if (resumed) {
      // The lines come again in the same order: as many as are there are not new.
      let nextToken: string | undefined;
      for (;;) {
        const page = await client.send(new GetLogEventsCommand({ logGroupName, logStreamName, startFromHead: true, nextToken }));
        skip += page.events?.length ?? 0;
        for (const { timestamp = 0 } of page.events ?? []) shippedUntil = Math.max(shippedUntil, timestamp);
        if (!page.nextForwardToken || page.nextForwardToken === nextToken) break;
        nextToken = page.nextForwardToken;
      }
    }
    return client;
  };

  const takeBatch = (): InputLogEvent[] => {
    if (skip > 0) {
      const gone = Math.min(skip, waiting.length);
      waiting = waiting.slice(gone);
      skip -= gone;
    }
    let bytes = 0;
    let count = 0;
    for (const { message = "" } of waiting) {
      bytes += Buffer.byteLength(message) + 26;
      if (count > 0 && (bytes > mostBytes || count >= mostEvents)) break;
      count++;
    }
    const batch = waiting.slice(0, count).map((event) => ({ ...event, timestamp: Math.max(event.timestamp as number, shippedUntil) }));
    waiting = waiting.slice(count);
    return batch;
  };

  const send = async () => {
    for (let tries = 0; waiting.length > 0 && !dead; ) {
      let batch: InputLogEvent[] = [];
      try {
        ready ??= open();
        const client = await ready;
        batch = takeBatch();
        if (batch.length === 0) continue;
        const { PutLogEventsCommand } = await import("@aws-sdk/client-cloudwatch-logs");
        await client.send(new PutLogEventsCommand({ logGroupName: place?.group, logStreamName: place?.stream, logEvents: batch }));
        tries = 0;
      } catch (error) {
        waiting = [...batch, ...waiting];
        ready = batch.length > 0 ? ready : undefined;
        if (++tries >= mostTries) {
          log.error("a build's log cannot be written", error, place);
          dead = true;
        } else await pause(50 * 2 ** tries);
      }
    }
  };
  const flush = (): Promise<void> => {
    clearTimeout(timer);
    timer = undefined;
    sending ??= send().finally(() => {
      sending = undefined;
    });
    return sending;
  };

  return {
    line(text, at) {
      const shown = mask(text);
      tail.push(shown);
      if (tail.length > tailLines) tail.shift();
      if (!place || dead) return;
      latest = Math.max(latest, Math.floor(at));
      waiting.push({ message: `${shown}\n`, timestamp: latest });
      timer ??= setTimeout(() => void flush(), gatherMs);
    },
    async drain() {
      if (!place) return;
      do await flush();
      while (waiting.length > 0 && !dead);
    },
    tail: () => [...tail],
  };
};
