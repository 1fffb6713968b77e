import { createHash, randomUUID } from "node:crypto";
import type * as sdk from "@aws-sdk/client-eventbridge";
import type { Handlers } from "../../protocols/operations.ts";
import type { Writing } from "../../store/store.ts";
import type { Call, Context } from "../service.ts";
import { busNamed, findBus } from "./buses.ts";
import { type Complaint, complaintOf, sizeOf } from "./entry.ts";
import { invalid } from "./errors.ts";
import { announced, defaultBus, type Event, type Rule } from "./records.ts";
import { rulesOf, spread, tell } from "./spread.ts";

const sizeLimit = 1024 * 1024;
const dayMs = 24 * 3600 * 1000;

type Entry = sdk.PutEventsRequestEntry;
type Put = { event: Event; bus: string; token?: string };

export const putOperations = ({ store, clock, hearings }: Context): Handlers<typeof sdk> => ({
  PutEvents: async (input, call) => {
    const entries = input.Entries ?? [];
    if (entries.reduce((sum, entry) => sum + sizeOf(entry), 0) > sizeLimit)
      throw invalid("Total size of the entries in the request is over the limit.");
    const now = clock.now();
    const fromService = call.principal.kind === "service";
    const judged = entries.map((entry): Put | Complaint => complaintOf(entry, fromService) ?? putOf(entry, call, now));
    const answers = await store.write(async (tx) => {
      const known = new Map<string, readonly Rule[] | undefined>();
      const results: sdk.PutEventsResultEntry[] = [];
      for (const one of judged) {
        if ("ErrorCode" in one) {
          results.push(one);
          continue;
        }
        const { event, bus, token } = one;
        if (!known.has(bus)) known.set(bus, (await findBus(tx, call, bus)) && (await rulesOf(tx, call, bus)));
        const among = known.get(bus);
        if (among === undefined) {
          results.push({ ErrorCode: "ResourceNotFoundException", ErrorMessage: `Event bus ${bus} does not exist.` });
          continue;
        }
        if (token === undefined || (await isNew(tx, call, event, now))) {
          if (fromService && bus === defaultBus) await tell(tx, hearings, event);
          await spread(tx, call, among, event, now);
        }
        results.push({ EventId: event.id });
      }
      return results;
    });
    return { FailedEntryCount: answers.filter(({ ErrorCode }) => ErrorCode !== undefined).length, Entries: answers };
  },
});

const putOf = (entry: Entry, call: Call, now: Date): Put => {
  const token = call.principal.kind === "service" ? tokenOf(entry) : undefined;
  return {
    bus: busNamed(entry.EventBusName),
    token,
    event: {
      version: "0",
      id: token === undefined ? randomUUID() : idFor(call, token),
      "detail-type": entry.DetailType as string,
      source: entry.Source as string,
      account: call.account,
      time: `${(entry.Time ?? now).toISOString().slice(0, 19)}Z`,
      region: call.region,
      resources: entry.Resources ?? [],
      detail: JSON.parse(entry.Detail as string) as object,
    },
  };
};

/**
 * A service announces at least once: when its task runs again, the same entry comes again, and is the same event.
 * The same means the same trace header, or without one the same in every member, a time of the service's own among them.
 */
const tokenOf = (entry: Entry): string | undefined => {
  if (entry.TraceHeader !== undefined) return entry.TraceHeader;
  if (entry.Time === undefined) return undefined;
  const { Time, Source, DetailType, Resources, Detail, EventBusName } = entry;
  return JSON.stringify([Time.getTime(), Source, DetailType, Resources, Detail, EventBusName]);
};

const idFor = ({ account, region, principal }: Call, token: string): string => {
  const hex = createHash("sha256").update(`${account}\n${region}\n${principal.arn}\n${token}`).digest("hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
};

/** Whether that announcement comes for the first time within a day. */
const isNew = async (tx: Writing, { account, region }: Call, event: Event, now: Date): Promise<boolean> => {
  const today = now.toISOString().slice(0, 10);
  const yesterday = new Date(now.getTime() - dayMs).toISOString().slice(0, 10);
  if (await tx.get(announced, [account, region, yesterday, event.id])) return false;
  if (!(await tx.create(announced, [account, region, today, event.id], { source: event.source }))) return false;
  const forgetAt = new Date(Date.parse(today) + 2 * dayMs);
  await tx.later({
    name: "events.forget",
    id: `events.forget/${account}/${region}/${today}`,
    payload: { account, region, day: today },
    at: forgetAt,
  });
  return true;
};
