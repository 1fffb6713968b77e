/** One transaction's view of records and tasks. */
import { randomUUID } from "node:crypto";
import { type Kysely, sql } from "kysely";
import { decodeKey, encodeKey, keyRange } from "./key.ts";
import type { Tables } from "./schema.ts";
import type { Collection, Entry, Key, Later, Listing, Writing } from "./store.ts";

export class Session implements Writing {
  readonly db: Kysely<Tables>;
  /** Set when tasks were added: somebody is to be woken after the commit. */
  added = false;
  /** Set when a lane's task ended: the lane's next may be due. */
  freed = false;
  readonly #now: () => number;

  constructor(db: Kysely<Tables>, now: () => number) {
    this.db = db;
    this.#now = now;
  }

  async get<T>(from: Collection<T>, key: Key): Promise<T | undefined> {
    const row = await this.db
      .selectFrom("record")
      .select("doc")
      .where("collection", "=", from.name)
      .where("key", "=", encodeKey(key))
      .executeTakeFirst();
    return row && read(from, row.doc);
  }

  async list<T>(from: Collection<T>, within: Listing): Promise<T[]> {
    return (await this.#rows(from, within)).map((row) => read(from, row.doc));
  }

  async entries<T>(from: Collection<T>, within: Listing): Promise<Entry<T>[]> {
    return (await this.#rows(from, within)).map((row) => ({ key: decodeKey(row.key), value: read(from, row.doc) }));
  }

  async create<T>(into: Collection<T>, key: Key, value: T): Promise<boolean> {
    const result = await this.db
      .insertInto("record")
      .values({ collection: into.name, key: encodeKey(key), doc: JSON.stringify(value) })
      .onConflict((conflict) => conflict.columns(["collection", "key"]).doNothing())
      .executeTakeFirst();
    return Number(result.numInsertedOrUpdatedRows) === 1;
  }

  async put<T>(into: Collection<T>, key: Key, value: T): Promise<void> {
    const doc = JSON.stringify(value);
    await this.db
      .insertInto("record")
      .values({ collection: into.name, key: encodeKey(key), doc })
      .onConflict((conflict) => conflict.columns(["collection", "key"]).doUpdateSet({ doc }))
      .execute();
  }

  async delete<T>(from: Collection<T>, key: Key): Promise<void> {
    await this.db.deleteFrom("record").where("collection", "=", from.name).where("key", "=", encodeKey(key)).execute();
  }

  async deleteAll<T>(from: Collection<T>, prefix: Key): Promise<void> {
    const { from: first, to } = keyRange(prefix);
    let query = this.db.deleteFrom("record").where("collection", "=", from.name).where("key", ">=", first);
    if (to !== undefined) query = query.where("key", "<", to);
    await query.execute();
  }

  async later(task: Later): Promise<void> {
    const moment = task.at ? task.at.getTime() : this.#now();
    const payload = JSON.stringify(task.payload ?? null);
    this.added = true;
    await this.db
      .insertInto("task")
      .values({
        id: task.id ?? randomUUID(),
        name: task.name,
        payload,
        state: "open",
        run_at: moment,
        due_at: moment,
        lane: task.oneAtATimeFor ?? null,
        attempt: 0,
        gen: 0,
        owner: null,
        rerun_at: null,
        rerun_payload: null,
        error: null,
      })
      .onConflict((conflict) =>
        conflict.column("id").doUpdateSet({
          // A dead task of that name begins anew.
          state: "open",
          attempt: sql<number>`case when task.state = 'dead' then 0 else task.attempt end`,
          payload: sql<string>`case when task.owner is null then excluded.payload else task.payload end`,
          run_at: sql<number>`case when task.owner is null and (task.state = 'dead' or excluded.run_at < task.run_at) then excluded.run_at else task.run_at end`,
          due_at: sql<number>`case when task.owner is null and (task.state = 'dead' or excluded.run_at < task.due_at) then excluded.run_at else task.due_at end`,
          rerun_at: sql<number>`case when task.owner is null then null when task.rerun_at < excluded.run_at then task.rerun_at else excluded.run_at end`,
          rerun_payload: sql<string>`case when task.owner is null then null else excluded.payload end`,
        }),
      )
      .execute();
  }

  async cancel(id: string): Promise<void> {
    await this.db.deleteFrom("task").where("id", "=", id).where("owner", "is", null).execute();
  }

  #rows(from: Collection<unknown>, within: Listing): Promise<{ key: string; doc: string }[]> {
    const { from: first, to } = keyRange(within.prefix);
    const after = within.after && encodeKey(within.after);
    let query = this.db.selectFrom("record").select(["key", "doc"]).where("collection", "=", from.name).where("key", ">=", first);
    if (to !== undefined) query = query.where("key", "<", to);
    if (after !== undefined) query = query.where("key", within.newestFirst ? "<" : ">", after);
    if (within.limit !== undefined) query = query.limit(within.limit);
    return query.orderBy("key", within.newestFirst ? "desc" : "asc").execute();
  }
}

const read = <T>(from: Collection<T>, doc: string): T => {
  const value: unknown = JSON.parse(doc);
  return from.upgrade ? from.upgrade(value) : (value as T);
};
