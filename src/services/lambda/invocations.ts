import type * as sdk from "@aws-sdk/client-lambda";
import type { Handlers } from "../../protocols/operations.ts";
import { badContent, notBuilt, tooLarge } from "./errors.ts";
import { target, versionOf } from "./lookups.ts";
import type { Sent } from "./records.ts";
import { run } from "./runs.ts";
import type { World } from "./world.ts";

const maximumPayload = { RequestResponse: 6_291_456, Event: 1_048_576, DryRun: 6_291_456 };

export const invocationOperations = (world: World): Handlers<typeof sdk> => {
  const { store, clock } = world.context;
  return {
    async Invoke(input, call) {
      const wanted = target(call, input.FunctionName, input.Qualifier);
      const type = input.InvocationType ?? "RequestResponse";
      if (input.DurableExecutionName) throw notBuilt("DurableExecutionName");
      if (input.TenantId) throw notBuilt("TenantId");
      const payload = input.Payload ?? new Uint8Array();
      if (payload.length > maximumPayload[type]) throw tooLarge(payload.length, maximumPayload[type]);
      checkJson(payload);
      const clientContext = input.ClientContext === undefined ? undefined : contextJson(input.ClientContext);

      if (type === "DryRun") {
        await store.read((tx) => versionOf(tx, call, wanted));
        return { StatusCode: 204, Payload: nothing };
      }
      if (type === "Event") {
        await store.write(async (tx) => {
          const { function: stored } = await versionOf(tx, call, wanted);
          const sent: Sent = {
            account: call.account,
            region: call.region,
            function: wanted.name,
            qualifier: wanted.qualifier,
            incarnation: stored.incarnation,
            requestId: call.requestId,
            payload: Buffer.from(payload).toString("base64"),
            clientContext,
            acceptedAt: clock.now().toISOString(),
            failures: 0,
            throttles: 0,
          };
          await tx.later({ name: "lambda.deliver", payload: sent });
        });
        return { StatusCode: 202, Payload: nothing };
      }
      const ran = await run(world, call, wanted, { payload, requestId: call.requestId, clientContext });
      return {
        StatusCode: 200,
        FunctionError: ran.error,
        Payload: Buffer.from(ran.payload),
        ExecutedVersion: ran.version,
        LogResult: input.LogType === "Tail" ? Buffer.from(await ran.tail()).toString("base64") : undefined,
      };
    },
  };
};

/** The answer has no body; without it, one would be made up. */
const nothing = new Uint8Array();

const checkJson = (payload: Uint8Array) => {
  if (payload.length === 0) return;
  try {
    JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(payload));
  } catch (error) {
    throw badContent(`Could not parse request body into json: Could not parse payload into json: ${(error as Error).message}`);
  }
};

/** The header holds base64; runtimes are given the JSON itself. */
const contextJson = (header: string): string => {
  const text = Buffer.from(header, "base64").toString();
  try {
    return JSON.stringify(JSON.parse(text)).replace(
      /[\u007f-\uffff]/g,
      (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
    );
  } catch {
    throw badContent("Client context must be a valid Base64-encoded JSON object.");
  }
};
