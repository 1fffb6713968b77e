/** The rules of a batch of events, and what of it is taken. */
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** AWS counts so much for each event beside its text. */
const OVERHEAD = 26;
const MOST_BYTES = 1_048_576;

export interface LogEvent {
  readonly timestamp: number;
  readonly message: string;
}
export interface Taken {
  readonly events: readonly LogEvent[];
  readonly bytes: number;
  readonly rejected?: { tooOldLogEventEndIndex?: number; tooNewLogEventStartIndex?: number; expiredLogEventEndIndex?: number };
}

/** Or the complaint about the whole batch. */
export const takeBatch = (events: readonly LogEvent[], now: number, retentionInDays?: number): Taken | { complaint: string } => {
  let bytes = 0;
  for (const [i, { timestamp, message }] of events.entries()) {
    if (i > 0 && timestamp < (events[i - 1] as LogEvent).timestamp)
      return { complaint: "Log events in a single PutLogEvents request must be in chronological order." };
    bytes += Buffer.byteLength(message) + OVERHEAD;
  }
  if (bytes > MOST_BYTES) return { complaint: `Upload too large: ${bytes} bytes exceeds limit of ${MOST_BYTES}` };
  const [first, last] = [events[0], events.at(-1)];
  if (first && last && last.timestamp - first.timestamp > DAY)
    return { complaint: "The batch of log events in a single PutLogEvents request cannot span more than 24 hours." };
  const expired = events.filter(({ timestamp }) => retentionInDays !== undefined && timestamp < now - retentionInDays * DAY).length;
  const tooOld = events.filter(({ timestamp }) => timestamp < now - 14 * DAY).length;
  const kept = events.filter(({ timestamp }) => timestamp <= now + 2 * HOUR).length;
  const rejected = {
    ...(tooOld > 0 && { tooOldLogEventEndIndex: tooOld }),
    ...(expired > 0 && { expiredLogEventEndIndex: expired }),
    ...(kept < events.length && { tooNewLogEventStartIndex: kept }),
  };
  return {
    events: events.slice(Math.max(tooOld, expired), kept),
    bytes,
    ...(Object.keys(rejected).length > 0 && { rejected }),
  };
};
