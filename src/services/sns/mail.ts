/** E-mails that no server took because there is none: kept a while, to be listed. */
import type { Task } from "../../queue/queue.ts";
import type { Store, Writing } from "../../store/store.ts";
import type { HttpRequest, HttpResponse } from "../service.ts";
import { type Mail, mail, type Place } from "./records.ts";

const keptDays = 30;
const dayMs = 24 * 3600 * 1000;
const mostListed = 1_000;

export const keep = async (tx: Writing, { account }: Place, letter: Mail): Promise<void> => {
  await tx.put(mail, [account, letter.at, letter.id], letter);
  const day = letter.at.slice(0, 10);
  const at = new Date(Date.parse(day) + (keptDays + 1) * dayMs);
  await tx.later({
    name: "sns.tidy",
    id: `sns.tidy/${account}/${day}`,
    payload: { account, until: new Date(Date.parse(day) + dayMs).toISOString() },
    at,
  });
};

/** Forgets what was kept before that moment. */
export const tidy = (task: Task): Promise<void> => {
  const { account, until } = task.payload as { account: string; until: string };
  return task.finish(async (tx) => {
    for (const { key } of await tx.entries(mail, { prefix: [account] })) if (String(key[1]) < until) await tx.delete(mail, key);
  });
};

/** `GET /_mayfly/mail?to=…&after=<ISO time>`: what was kept for that address, or for all, oldest first. */
export const listMail = async (store: Store, request: HttpRequest): Promise<HttpResponse> => {
  if (request.principal === undefined || request.principal.kind === "anonymous")
    return answer(403, { message: "Sign in: the request must be signed for sns." });
  if (request.method !== "GET") return answer(405, { message: "GET, please." });
  const { account } = request.principal;
  const wanted = new URLSearchParams(request.query);
  const [to, after] = [wanted.get("to"), wanted.get("after")];
  const kept = await store.read((tx) => tx.list(mail, { prefix: [account], newestFirst: true, limit: mostListed }));
  const found = kept.filter((letter) => (to === null || letter.to === to) && (after === null || letter.at > after)).reverse();
  return answer(200, { mail: found });
};

const answer = (status: number, value: object): HttpResponse => ({
  status,
  headers: { "content-type": "application/json" },
  body: JSON.stringify(value),
});
