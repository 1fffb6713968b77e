/** Claims on tasks: leases, each with a generation that fences off whoever lost it. */
import { sql } from "kysely";
import type { TaskRow } from "./schema.ts";
import type { Session } from "./session.ts";

export interface Claim {
  readonly id: string;
  readonly name: string;
  readonly payload: unknown;
  readonly attempt: number;
  readonly gen: number;
  readonly lane: string | null;
}

const claimOf = (row: TaskRow): Claim => ({
  id: row.id,
  name: row.name,
  payload: JSON.parse(row.payload),
  attempt: row.attempt,
  gen: Number(row.gen),
  lane: row.lane,
});

/** Takes up to `limit` due tasks. Of a lane only the first is taken, and only while nobody holds another of it. */
export const claimTasks = async (
  session: Session,
  claim: { owner: string; now: number; leaseMs: number; limit: number; skipLocked: boolean },
): Promise<Claim[]> => {
  const lock = claim.skipLocked ? sql`for update skip locked` : sql``;
  const { rows } = await sql<TaskRow>`
    update task set owner = ${claim.owner}, gen = gen + 1, attempt = attempt + 1, run_at = ${claim.now + claim.leaseMs}
    where id in (
      select id from task where state = 'open' and run_at <= ${claim.now} and (lane is null or not exists (
        select 1 from task other where other.lane = task.lane and other.id <> task.id and other.state = 'open'
          and (other.owner is not null or other.due_at < task.due_at or (other.due_at = task.due_at and other.id < task.id))))
      order by run_at, id limit ${claim.limit} ${lock})
    returning *`.execute(session.db);
  return rows.map(claimOf);
};

/** When the next open task may be claimed, of those that were not yet due then: what was due and was not taken waits for another to end. */
export const nextMoment = async (session: Session, then: number): Promise<number | undefined> => {
  const row = await session.db
    .selectFrom("task")
    .select("run_at")
    .where("state", "=", "open")
    .where("run_at", ">", then)
    .orderBy("run_at")
    .limit(1)
    .executeTakeFirst();
  return row && Number(row.run_at);
};

/** False: the lease is lost. In a transaction this also keeps others from claiming until it ends. */
export const holdTask = async (session: Session, claim: Claim, until: number): Promise<boolean> => {
  const result = await session.db
    .updateTable("task")
    .set({ run_at: until })
    .where("id", "=", claim.id)
    .where("gen", "=", claim.gen)
    .where("owner", "is not", null)
    .executeTakeFirst();
  return Number(result.numUpdatedRows) === 1;
};

/** Done, unless it was asked for again meanwhile: then it waits for its next run. False: the lease is lost. */
export const finishTask = async (session: Session, claim: Claim): Promise<boolean> => {
  const mine = (query: "delete" | "rerun") =>
    query === "delete"
      ? sql`delete from task where id = ${claim.id} and gen = ${claim.gen} and owner is not null and rerun_at is null`
      : sql`update task set owner = null, attempt = 0, run_at = rerun_at, due_at = rerun_at, payload = rerun_payload, rerun_at = null, rerun_payload = null
            where id = ${claim.id} and gen = ${claim.gen} and owner is not null and rerun_at is not null`;
  for (const query of ["delete", "rerun"] as const) {
    const result = await mine(query).execute(session.db);
    if (Number(result.numAffectedRows) === 1) {
      if (query === "rerun") session.added = true;
      else if (claim.lane !== null) session.freed = true;
      return true;
    }
  }
  return false;
};

/** Gives a task back, to be claimed at that moment; `dead` keeps it, never to be claimed again. */
export const releaseTask = async (
  session: Session,
  claim: Claim,
  next: { at: number; attempt: number; error?: string; dead?: boolean },
): Promise<void> => {
  session.added = true;
  await session.db
    .updateTable("task")
    .set({
      owner: null,
      run_at: sql<number>`case when rerun_at < ${next.at} then rerun_at else ${next.at} end`,
      attempt: next.attempt,
      error: next.error ?? null,
      state: next.dead ? sql<string>`case when rerun_at is null then 'dead' else 'open' end` : "open",
      payload: sql<string>`coalesce(rerun_payload, payload)`,
      rerun_at: null,
      rerun_payload: null,
    })
    .where("id", "=", claim.id)
    .where("gen", "=", claim.gen)
    .where("owner", "is not", null)
    .execute();
};

/** Who holds tasks. */
export const holders = async (session: Session): Promise<string[]> => {
  const rows = await session.db.selectFrom("task").select("owner").distinct().where("owner", "is not", null).execute();
  return rows.map(({ owner }) => owner as string);
};

/** What somebody held who is gone is due now. */
export const releaseFrom = async (session: Session, owner: string, now: number): Promise<void> => {
  await session.db.updateTable("task").set({ owner: null, run_at: now }).where("owner", "=", owner).execute();
};

export const deadTasks = (session: Session): Promise<{ id: string; name: string; error: string | null }[]> =>
  session.db.selectFrom("task").select(["id", "name", "error"]).where("state", "=", "dead").execute();
