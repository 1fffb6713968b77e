import { collection } from "../../store/store.ts";
import type { Call } from "../service.ts";

export interface Group {
  readonly name: string;
  /** Milliseconds since 1970, as everything here. */
  readonly created: number;
  readonly retentionInDays?: number;
  readonly tags: Readonly<Record<string, string>>;
}
export interface Stream {
  readonly name: string;
  readonly created: number;
  /** How many events it has taken: the ordinal of the next one. */
  readonly count: number;
  readonly bytes: number;
  readonly first?: number;
  readonly last?: number;
  readonly lastIngestion?: number;
  /** Every batch began no earlier than the one before ended: ordinals are the order of time. */
  readonly ordered: boolean;
}
/** One batch of events, as it was put. Its key ends with the ordinal of its first event. */
export interface Batch {
  readonly ingestion: number;
  readonly first: number;
  readonly last: number;
  readonly events: readonly (readonly [timestamp: number, message: string])[];
}

/** [account, region, group] */
export const groups = collection<Group>("logs.groups");
/** [account, region, group, stream] */
export const streams = collection<Stream>("logs.streams");
/** [account, region, group, stream, ordinal] */
export const batches = collection<Batch>("logs.batches");

export type Place = Pick<Call, "account" | "region">;
export const groupKey = ({ account, region }: Place, group: string): string[] => [account, region, group];
export const streamKey = (place: Place, group: string, stream: string): string[] => [...groupKey(place, group), stream];
/** Ordinals as key parts: as wide as the largest. */
export const ordinalPart = (ordinal: number): string => String(ordinal).padStart(12, "0");

export const groupArn = ({ account, region }: Place, group: string): string => `arn:aws:logs:${region}:${account}:log-group:${group}`;
