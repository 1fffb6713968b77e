/** Sends an instance's lines to CloudWatch Logs, in order and in batches: what an invocation writes is mostly one. */
import type { InputLogEvent } from "@aws-sdk/client-cloudwatch-logs";
import type { Aws } from "../../aws/aws.ts";
import type { Clock } from "../../lib/clock.ts";
import type { Log } from "../../lib/log.ts";

export interface LogStream {
  write(line: string): void;
  /** Resolves when everything written is delivered, or given up with a word in the server's own log. */
  flushed(): Promise<void>;
}

/** Long enough for an invocation's lines to come together, short enough to follow live. */
const gatherMs = 50;
const maximumEvents = 10_000;
const maximumBytes = 1_000_000;
/** What Logs counts for each event besides its text. */
const overhead = 26;

/** How many of these events go into one call. */
export const batchOf = (events: readonly InputLogEvent[]): number => {
  let bytes = 0;
  for (const [at, { message = "" }] of events.entries()) {
    bytes += Buffer.byteLength(message) + overhead;
    if (at > 0 && (bytes > maximumBytes || at >= maximumEvents)) return at;
  }
  return events.length;
};

export const createLogStream = (aws: Aws, clock: Clock, log: Log, logGroupName: string, logStreamName: string): LogStream => {
  let waiting: InputLogEvent[] = [];
  let sending: Promise<void> | undefined;
  let hurry = () => {};
  let last = 0;

  const send = async (logEvents: InputLogEvent[]) => {
    const { CloudWatchLogsClient, CreateLogGroupCommand, CreateLogStreamCommand, PutLogEventsCommand } = await import(
      "@aws-sdk/client-cloudwatch-logs"
    );
    const client = aws.client(CloudWatchLogsClient);
    const put = () => client.send(new PutLogEventsCommand({ logGroupName, logStreamName, logEvents }));
    const unlessThere = (error: Error) => {
      if (error.name !== "ResourceAlreadyExistsException") throw error;
    };
    try {
      await put();
    } catch (error) {
      if ((error as Error).name !== "ResourceNotFoundException") throw error;
      // New, or somebody deleted it meanwhile.
      await client.send(new CreateLogGroupCommand({ logGroupName })).catch(unlessThere);
      await client.send(new CreateLogStreamCommand({ logGroupName, logStreamName })).catch(unlessThere);
      await put();
    }
  };
  const gathered = () =>
    new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, gatherMs);
      hurry = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  const drain = async () => {
    while (waiting.length > 0) {
      const count = batchOf(waiting);
      const batch = waiting.slice(0, count);
      waiting = waiting.slice(count);
      await send(batch).catch((error) =>
        log.error("a function's log lines are lost", error, { logGroupName, logStreamName, lines: batch.length }),
      );
    }
    sending = undefined;
  };
  return {
    write(line) {
      last = Math.max(last, clock.now().getTime());
      // Logs takes no empty messages.
      waiting.push({ timestamp: last, message: line === "" ? " " : line });
      sending ??= gathered().then(drain);
    },
    flushed: async () => {
      hurry();
      await sending;
    },
  };
};
