/** Runs a function for whoever asks: callers of Invoke, events, URLs. */
import { InvalidRuntimeException, InvalidZipFileException, ServiceException } from "@aws-sdk/client-lambda";
import { randomUUID } from "node:crypto";
import { EngineUnavailable } from "../../engines/engine.ts";
import { choose } from "./aliases.ts";
import type { Outcome } from "./instance.ts";
import { numbered, type Target, versionOf } from "./lookups.ts";
import { functionArn } from "./names.ts";
import { NoEntrypoint, RuntimeMissing } from "./runtimes/runtime.ts";
import { BadZip } from "./unzip.ts";
import { deploymentOf, type Place, type World } from "./world.ts";

export interface Run extends Outcome {
  /** The version that ran. */
  readonly version: string;
}
export interface Request {
  readonly payload: Uint8Array;
  readonly requestId?: string;
  readonly clientContext?: string;
}

/** Throws for what is no answer of the function's own. */
export const run = async ({ context, fleet }: World, place: Place, wanted: Target, request: Request): Promise<Run> => {
  const { stored, version } = await context.store.read(async (tx) => {
    const found = await versionOf(tx, place, wanted);
    const chosen = found.alias && choose(found.alias, Math.random());
    const version =
      chosen === undefined || chosen === found.version.version ? found.version : await numbered(tx, place, found.function, chosen);
    return { stored: found.function, version };
  });
  const requestId = request.requestId ?? randomUUID();
  const outcome = await fleet
    .invoke({
      deployment: deploymentOf(place, stored, version),
      arn: functionArn(place, wanted.name, wanted.qualifier),
      payload: request.payload.length === 0 ? Buffer.from("{}") : request.payload,
      requestId,
      clientContext: request.clientContext,
      reservedConcurrency: stored.reservedConcurrency,
    })
    .catch((error) => {
      if (error instanceof NoEntrypoint) return failed(requestId, "Runtime.InvalidEntrypoint", error.message);
      throw told(error);
    });
  return { ...outcome, version: version.version };
};

const failed = (requestId: string, errorType: string, message: string): Outcome => ({
  requestId,
  payload: Buffer.from(JSON.stringify({ errorType, errorMessage: `RequestId: ${requestId} Error: ${message}` })),
  error: "Unhandled",
  tail: async () => "",
});

/** What this server lacks, in Lambda's exceptions. */
const told = (error: Error): Error => {
  const options = { message: error.message, Message: error.message, $metadata: {} };
  if (error instanceof RuntimeMissing) return new InvalidRuntimeException({ ...options, Type: "User" });
  if (error instanceof BadZip) return new InvalidZipFileException({ ...options, Type: "User" });
  if (error instanceof EngineUnavailable) return new ServiceException({ ...options, Type: "Service" });
  return error;
};
