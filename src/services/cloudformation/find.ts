import { ServiceError } from "../../protocols/operations.ts";
import type { Reading } from "../../store/store.ts";
import { type Stack, stackNames, stacks } from "./records.ts";
import { TemplateError } from "./template/value.ts";

interface Place {
  readonly account: string;
  readonly region: string;
}
export const invalid = (message: string): ServiceError => new ServiceError("ValidationError", message);

/** By name: the one that is not deleted. By id: any. */
export const findStack = async (tx: Reading, place: Place, nameOrId: string): Promise<Stack | undefined> => {
  const arn = /^arn:[\w-]+:cloudformation:([\w-]+):(\d{12}):stack\/([^/]+)\/(.+)$/.exec(nameOrId);
  const uuid = arn ? arn[4] : await tx.get(stackNames, [place.account, place.region, nameOrId]);
  return uuid === undefined ? undefined : tx.get(stacks, [place.account, place.region, uuid]);
};
/** The same; `missing` words the complaint. */
export const stackOf = async (tx: Reading, place: Place, nameOrId: string | undefined, missing: "id" | "plain" = "id"): Promise<Stack> => {
  if (!nameOrId)
    throw invalid("1 validation error detected: Value null at 'stackName' failed to satisfy constraint: Member must not be null");
  const stack = await findStack(tx, place, nameOrId);
  if (!stack) throw invalid(missing === "id" ? `Stack with id ${nameOrId} does not exist` : `Stack [${nameOrId}] does not exist`);
  return stack;
};

/** Turns complaints about templates into answers. */
export const answering = async <T>(work: () => Promise<T> | T): Promise<T> => {
  try {
    return await work();
  } catch (error) {
    if (error instanceof TemplateError) throw invalid(error.message);
    throw error;
  }
};
