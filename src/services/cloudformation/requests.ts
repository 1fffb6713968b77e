import { createHash } from "node:crypto";
import type { Store, Writing } from "../../store/store.ts";
import type { Call } from "../service.ts";
import { invalid } from "./find.ts";
import { requests } from "./records.ts";

const digestOf = (input: Readonly<Record<string, unknown>>): string => createHash("sha256").update(JSON.stringify(input)).digest("hex");

/** The stack that the same request, by its token, was about; undefined when it is a new one. */
export const requestBefore = async (
  store: Store,
  call: Call,
  token: string | undefined,
  input: Readonly<Record<string, unknown>>,
): Promise<string | undefined> => {
  if (token === undefined) return undefined;
  const before = await store.read((tx) => tx.get(requests, [call.account, call.region, call.operation, token]));
  if (before && before.digest !== digestOf(input)) throw invalid(`The ClientRequestToken ${token} was used for another request`);
  return before?.stackId;
};
export const rememberRequest = async (
  tx: Writing,
  call: Call,
  token: string | undefined,
  input: Readonly<Record<string, unknown>>,
  stackId: string,
): Promise<void> => {
  if (token !== undefined) await tx.put(requests, [call.account, call.region, call.operation, token], { digest: digestOf(input), stackId });
};
