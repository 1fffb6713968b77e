/** Execution and action run ids: UUIDs that sort in the order of their making, so that histories list newest first by key. */
import { randomUUIDv7 } from "node:crypto";

let last = "";
export const newId = (): string => {
  let id: string = randomUUIDv7();
  while (id <= last) id = randomUUIDv7();
  last = id;
  return id;
};
