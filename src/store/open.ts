/** Opens the store: `memory`, a SQLite file in a folder, or `postgres://…`. */
import { randomUUID } from "node:crypto";
import { EventEmitter } from "node:events";
import { Kysely, sql } from "kysely";
import { migrate, type Tables } from "./schema.ts";
import { Session } from "./session.ts";
import { holdFolder, openSqlite } from "./sqlite.ts";
import type { Reading, Store, Writing } from "./store.ts";

/** The store as the queue sees it. */
export interface OpenStore extends Store {
  /** This process is the only one that works on it. */
  readonly single: boolean;
  transaction<R>(work: (session: Session) => Promise<R>): Promise<R>;
  /** Called after a commit that added tasks, here or in another process. */
  onTasks(listener: () => void): () => void;
  /**
   * Of a `single` store: `claim` runs at the end of each transaction that added tasks or freed a lane, so that whoever takes them needs
   * no commit of its own. Those who claim so are not told by `onTasks`.
   */
  claimAlong(claim: (session: Session) => Promise<Claimed>): () => void;
  /** Under which name this process holds tasks. Undefined while nobody vouches for it: then it claims none. */
  owner(): string | undefined;
  /** True: whoever bore that name is gone for good, and what it held may be taken up at once. */
  isGone(session: Session, owner: string): Promise<boolean>;
  /** Called when this process may be thought gone, though it is not: others take up what it held. */
  onLost(listener: () => void): () => void;
}

/** What becomes of claims made along with a transaction. */
export interface Claimed {
  committed(): void;
  failed(): void;
}

interface Backend {
  name: Store["name"];
  single: boolean;
  db: Kysely<Tables>;
  /** Runs inside a transaction that added tasks, before its commit. */
  announce?(session: Session): Promise<void>;
  owner(): string | undefined;
  isGone(session: Session, owner: string): Promise<boolean>;
  isConflict(error: unknown): boolean;
  /** The connection is gone, and with it the transaction. */
  isBroken(error: unknown): boolean;
  /** Resolves when all that is committed now is on the disk. Absent: a commit is. */
  durable?(): Promise<void>;
  close(): Promise<void>;
}

export const openMemory = (): Promise<OpenStore> => open(sqliteBackend(":memory:", "memory"));

/** The folder is held for this process. */
export const openFolder = async (folder: string): Promise<OpenStore> => {
  const release = holdFolder(folder);
  try {
    return await open(sqliteBackend(`${folder}/mayfly.db`, "sqlite", release));
  } catch (error) {
    release();
    throw error;
  }
};

export const openPostgres = async (url: string): Promise<OpenStore> => {
  const { postgresBackend } = await import("./postgres.ts");
  const news = new EventEmitter();
  return open(await postgresBackend(url, { woken: () => news.emit("tasks"), lost: () => news.emit("lost") }), news);
};

const sqliteBackend = (file: string, name: "memory" | "sqlite", release?: () => void): Backend => {
  const { dialect, durable } = openSqlite(file);
  const db = new Kysely<Tables>({ dialect });
  const owner = randomUUID();
  return {
    name,
    single: true,
    db,
    owner: () => owner,
    // The folder is held: any other owner was an earlier process.
    isGone: async (_session, other) => other !== owner,
    isConflict: () => false,
    isBroken: () => false,
    durable,
    close: async () => {
      await durable().catch(() => {});
      await db.destroy();
      release?.();
    },
  };
};

const MOST_ATTEMPTS = 20;
/** Tries again, after a while that grows, what failed in a way that `again` knows to be passing. */
const repeated = async <R>(attempt: () => Promise<R>, again: (error: unknown) => boolean): Promise<R> => {
  for (let count = 1; ; count++) {
    try {
      return await attempt();
    } catch (error) {
      if (count >= MOST_ATTEMPTS || !again(error)) throw error;
      await new Promise((resume) => setTimeout(resume, Math.random() * 2 ** Math.min(count, 8)));
    }
  }
};

const open = async (backend: Backend, news = new EventEmitter()): Promise<OpenStore> => {
  const { db } = backend;
  news.setMaxListeners(0);
  try {
    await migrate(db);
  } catch (error) {
    await backend.close();
    throw error;
  }
  const claimers = new Set<(session: Session) => Promise<Claimed>>();
  const once = async <R>(work: (session: Session) => Promise<R>, progress: { ended: boolean }): Promise<R> => {
    let added = false;
    const claimed: Claimed[] = [];
    let result: R;
    try {
      result = await db.transaction().execute(async (transaction) => {
        const session = new Session(transaction, Date.now);
        const value = await work(session);
        added = session.added;
        if (added) await backend.announce?.(session);
        if (added || session.freed) for (const claim of claimers) claimed.push(await claim(session));
        progress.ended = true;
        return value;
      });
      await backend.durable?.();
    } catch (error) {
      for (const one of claimed) one.failed();
      throw error;
    }
    for (const one of claimed) one.committed();
    if (added && claimers.size === 0) news.emit("tasks");
    return result;
  };
  const transaction = <R>(work: (session: Session) => Promise<R>): Promise<R> => {
    let progress = { ended: false };
    return repeated(
      () => {
        progress = { ended: false };
        return once(work, progress);
      },
      // A connection that broke before the commit was asked for has committed nothing; after that nobody knows.
      (error) => backend.isConflict(error) || (!progress.ended && backend.isBroken(error)),
    );
  };
  const read = <R>(work: (tx: Reading) => Promise<R>): Promise<R> =>
    repeated(() => db.connection().execute((connection) => work(new Session(connection, Date.now))), backend.isBroken);
  return {
    name: backend.name,
    single: backend.single,
    transaction,
    read: async <R>(work: (tx: Reading) => Promise<R>) => {
      const result = await read(work);
      // Nobody is told what a power failure could still take back.
      await backend.durable?.();
      return result;
    },
    write: <R>(work: (tx: Writing) => Promise<R>) => transaction(work),
    onTasks: (listener) => {
      news.on("tasks", listener);
      return () => void news.off("tasks", listener);
    },
    claimAlong: (claim) => {
      if (!backend.single) return () => {};
      claimers.add(claim);
      return () => void claimers.delete(claim);
    },
    owner: backend.owner,
    isGone: backend.isGone,
    onLost: (listener) => {
      news.on("lost", listener);
      return () => void news.off("lost", listener);
    },
    clear: async () => {
      if (backend.name !== "memory") throw new Error("only a memory store can be emptied");
      await transaction(async (session) => {
        await sql`delete from record`.execute(session.db);
        await sql`delete from task`.execute(session.db);
      });
    },
    close: () => backend.close(),
  };
};
