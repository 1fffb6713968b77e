/** Opens the store: `memory`, a SQLite file in a folder, or `postgres://…`. */
import { randomUUID } from "node:crypto";
import { EventEmitter } from "node:events";
import { Kysely, sql } from "kysely";
import { migrate, type Tables } from "./schema.ts";
import { Session } from "./session.ts";
import { holdFolder, openSqlite, sqliteDialect } from "./sqlite.ts";
import type { Reading, Store, Writing } from "./store.ts";

/** The store as the queue sees it. */
export interface OpenStore extends Store {
  /** This process is the only one that works on it. */
  readonly single: boolean;
  transaction<R>(work: (session: Session) => Promise<R>): Promise<R>;
  /** Called after a commit that added tasks, here or in another process. */
  onTasks(listener: () => void): () => void;
  /** Under which name this process holds tasks. Undefined while nobody vouches for it: then it claims none. */
  owner(): string | undefined;
  /** True: whoever bore that name is gone for good, and what it held may be taken up at once. */
  isGone(session: Session, owner: string): Promise<boolean>;
  /** Called when this process may be thought gone, though it is not: others take up what it held. */
  onLost(listener: () => void): () => void;
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
  const db = new Kysely<Tables>({ dialect: sqliteDialect(openSqlite(file)) });
  const owner = randomUUID();
  return {
    name,
    single: true,
    db,
    owner: () => owner,
    // The folder is held: any other owner was an earlier process.
    isGone: async (_session, other) => other !== owner,
    isConflict: () => false,
    close: async () => {
      await db.destroy();
      release?.();
    },
  };
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
  const once = async <R>(work: (session: Session) => Promise<R>): Promise<R> => {
    let added = false;
    const result = await db.transaction().execute(async (transaction) => {
      const session = new Session(transaction, Date.now);
      const value = await work(session);
      added = session.added;
      if (added) await backend.announce?.(session);
      return value;
    });
    if (added) news.emit("tasks");
    return result;
  };
  const transaction = async <R>(work: (session: Session) => Promise<R>): Promise<R> => {
    for (let attempt = 1; ; attempt++) {
      try {
        return await once(work);
      } catch (error) {
        if (attempt >= 20 || !backend.isConflict(error)) throw error;
        await new Promise((resume) => setTimeout(resume, Math.random() * 2 ** Math.min(attempt, 8)));
      }
    }
  };
  return {
    name: backend.name,
    single: backend.single,
    transaction,
    read: <R>(work: (tx: Reading) => Promise<R>) => db.connection().execute((connection) => work(new Session(connection, Date.now))),
    write: <R>(work: (tx: Writing) => Promise<R>) => transaction(work),
    onTasks: (listener) => {
      news.on("tasks", listener);
      return () => void news.off("tasks", listener);
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
