/** Events of one stream, in the order of time. */
import type { Reading } from "../../store/store.ts";
import { type Batch, batches, ordinalPart, type Place, type Stream, streamKey } from "./records.ts";

export interface StoredEvent {
  /** Its place in the stream. */
  readonly ordinal: number;
  readonly timestamp: number;
  readonly message: string;
  readonly ingestion: number;
}

const unpack = (ordinal: number, { ingestion, events }: Batch): StoredEvent[] =>
  events.map(([timestamp, message], i) => ({ ordinal: ordinal + i, timestamp, message, ingestion }));

const PAGE = 200;

/** From that ordinal on, or backwards from before it (then the latest comes first). */
export async function* walk(
  tx: Reading,
  place: Place,
  group: string,
  stream: Stream,
  from: number,
  backwards: boolean,
): AsyncGenerator<StoredEvent> {
  if (!stream.ordered) {
    const sorted = await sortedEvents(tx, place, group, stream);
    yield* backwards ? sorted.slice(0, from).reverse() : sorted.slice(from);
    return;
  }
  const prefix = streamKey(place, group, stream.name);
  let after: string[] | undefined;
  if (backwards) after = [...prefix, ordinalPart(from)];
  else {
    // The batch that holds the first one begins at or before it.
    const [holding] = await tx.entries(batches, { prefix, after: [...prefix, ordinalPart(from + 1)], newestFirst: true, limit: 1 });
    if (holding) {
      yield* unpack(Number(holding.key.at(-1)), holding.value).filter(({ ordinal }) => ordinal >= from);
      after = [...holding.key];
    }
  }
  for (;;) {
    const found = await tx.entries(batches, { prefix, limit: PAGE, newestFirst: backwards, ...(after && { after }) });
    for (const { key, value } of found) {
      const events = unpack(Number(key.at(-1)), value);
      yield* backwards ? events.filter(({ ordinal }) => ordinal < from).reverse() : events;
    }
    if (found.length < PAGE) return;
    after = [...(found.at(-1)?.key ?? [])];
  }
}

const sortedEvents = async (tx: Reading, place: Place, group: string, stream: Stream): Promise<StoredEvent[]> =>
  (await tx.entries(batches, { prefix: streamKey(place, group, stream.name) }))
    .flatMap(({ key, value }) => unpack(Number(key.at(-1)), value))
    .sort((one, other) => one.timestamp - other.timestamp || one.ordinal - other.ordinal)
    .map((event, ordinal) => ({ ...event, ordinal }));

/** Every event of a stream between two moments, both included. Batches outside are not unpacked. */
export const eventsBetween = async (
  tx: Reading,
  place: Place,
  group: string,
  stream: Stream,
  start: number,
  end: number,
): Promise<StoredEvent[]> =>
  (await tx.entries(batches, { prefix: streamKey(place, group, stream.name) }))
    .filter(({ value }) => value.last >= start && value.first <= end)
    .flatMap(({ key, value }) => unpack(Number(key.at(-1)), value))
    .filter(({ timestamp }) => timestamp >= start && timestamp <= end);
