/** Opens the store: `memory`, a SQLite file in a folder, or `postgres://…`. */
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
}

interface Backend {
  name: Store["name"];
  single: boolean;
  db: Kysely<Tables>;
  /** Runs inside a transaction that added tasks, before its commit. */
  announce?(session: Session): Promise<void>;
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
  const tasks = new EventEmitter();
  return open(await postgresBackend(url, () => tasks.emit("tasks")), tasks);
};

const sqliteBackend = (file: string, name: "memory" | "sqlite", release?: () => void): Backend => {
  const db = new Kysely<Tables>({ dialect: sqliteDialect(openSqlite(file)) });
  return {
    name,
    single: true,
    db,
    isConflict: () => false,
    close: async () => {
      await db.destroy();
      release?.();
    },
  };
};

const open = async (backend: Backend, tasks = new EventEmitter()): Promise<OpenStore> => {
  const { db } = backend;
  tasks.setMaxListeners(0);
  await migrate(db);
  const once = async <R>(work: (session: Session) => Promise<R>): Promise<R> => {
    let added = false;
    const result = await db.transaction().execute(async (transaction) => {
      const session = new Session(transaction, Date.now);
      const value = await work(session);
      added = session.added;
      if (added) await backend.announce?.(session);
      return value;
    });
    if (added) tasks.emit("tasks");
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
      tasks.on("tasks", listener);
      return () => void tasks.off("tasks", listener);
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
