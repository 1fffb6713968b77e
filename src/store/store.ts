/**
 * What is remembered: documents by key, and tasks that follow from them.
 * Documents are plain JSON: moments are ISO texts or milliseconds, bytes are base64 (or blobs).
 */

/** Parts of a key, ordered part by part. Parts may hold any text except U+0000 and U+0001. */
export type Key = readonly string[];

/** A named set of documents. `upgrade` turns an older stored shape into today's. */
export interface Collection<T> {
  readonly name: string;
  readonly upgrade?: (old: unknown) => T;
}
export const collection = <T>(name: string, upgrade?: (old: unknown) => T): Collection<T> => ({ name, upgrade });

export interface Listing {
  /** Only keys that begin with these parts. */
  readonly prefix: Key;
  /** Only keys after this whole key (before it, with `newestFirst`). */
  readonly after?: Key;
  readonly limit?: number;
  /** Descending key order. */
  readonly newestFirst?: boolean;
}
export interface Entry<T> {
  readonly key: Key;
  readonly value: T;
}

export interface Reading {
  get<T>(from: Collection<T>, key: Key): Promise<T | undefined>;
  /** In key order. */
  list<T>(from: Collection<T>, within: Listing): Promise<T[]>;
  entries<T>(from: Collection<T>, within: Listing): Promise<Entry<T>[]>;
}
export interface Writing extends Reading {
  /** False: it already exists, and nothing was written. */
  create<T>(into: Collection<T>, key: Key, value: T): Promise<boolean>;
  put<T>(into: Collection<T>, key: Key, value: T): Promise<void>;
  delete<T>(from: Collection<T>, key: Key): Promise<void>;
  /** Deletes every document whose key begins with these parts. */
  deleteAll<T>(from: Collection<T>, prefix: Key): Promise<void>;
  /** Happens if and only if this transaction commits. */
  later(task: Later): Promise<void>;
  /** Forgets a task that has not started, by its `id`. */
  cancel(id: string): Promise<void>;
}

/** Work to do after this transaction. */
export interface Later {
  /** `service.task`. */
  readonly name: string;
  readonly payload: unknown;
  /** Not before this moment; now when absent. */
  readonly at?: Date;
  /** The same id again, while it is open, is the same task (nothing is added; with `at`, the earlier moment wins). Random when absent. */
  readonly id?: string;
  /** Tasks of one such name run one after another, in the order of their moments. */
  readonly oneAtATimeFor?: string;
}

export interface Store {
  readonly name: "sqlite" | "postgres" | "memory";
  read<R>(work: (tx: Reading) => Promise<R>): Promise<R>;
  /** Serialisable. `work` may run again on conflict, so it has no effects outside `tx`. Do not await anything but `tx` inside. */
  write<R>(work: (tx: Writing) => Promise<R>): Promise<R>;
  close(): Promise<void>;
  /** Deletes everything; only the memory store. */
  clear(): Promise<void>;
}
