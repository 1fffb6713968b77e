import type * as sdk from "@aws-sdk/client-lambda";
import type { Handlers } from "../../protocols/operations.ts";
import { notFound } from "./errors.ts";
import { functionOf, paged, target, versionOf } from "./lookups.ts";
import { functionArn } from "./names.ts";
import { type Delivery, deliveries } from "./records.ts";
import { checkDestination } from "./report.ts";
import type { Place, World } from "./world.ts";

type Wanted = {
  MaximumRetryAttempts?: number | undefined;
  MaximumEventAgeInSeconds?: number | undefined;
  DestinationConfig?: sdk.DestinationConfig | undefined;
};

/** AWS calls it "event invoke config". */
export const deliveryOperations = ({ context: { store, clock } }: World): Handlers<typeof sdk> => {
  const shapeOf = (place: Place, name: string, qualifier: string, stored: Delivery): sdk.FunctionEventInvokeConfig => ({
    FunctionArn: functionArn(place, name, qualifier),
    LastModified: new Date(stored.lastModified),
    MaximumRetryAttempts: stored.retries,
    MaximumEventAgeInSeconds: stored.maximumAgeSeconds,
    DestinationConfig: {
      OnSuccess: stored.onSuccess === undefined ? {} : { Destination: stored.onSuccess },
      OnFailure: stored.onFailure === undefined ? {} : { Destination: stored.onFailure },
    },
  });
  const absent = (place: Place, name: string, qualifier: string) =>
    notFound(`The function ${functionArn(place, name, qualifier)} doesn't have an EventInvokeConfig`);
  const read = (input: { FunctionName?: string | undefined; Qualifier?: string | undefined }, place: Place) => {
    const { name, qualifier = "$LATEST" } = target(place, input.FunctionName, input.Qualifier);
    return { name, qualifier, key: [place.account, place.region, name, qualifier] };
  };
  const write = async (
    input: Wanted & { FunctionName?: string | undefined; Qualifier?: string | undefined },
    place: Place,
    keep: boolean,
  ) => {
    const { name, qualifier, key } = read(input, place);
    const { OnSuccess, OnFailure } = input.DestinationConfig ?? {};
    const onSuccess = checkDestination(OnSuccess?.Destination);
    const onFailure = checkDestination(OnFailure?.Destination);
    const stored = await store.write(async (tx) => {
      await versionOf(tx, place, { name, qualifier });
      const now = await tx.get(deliveries, key);
      if (keep && !now) throw absent(place, name, qualifier);
      const before = keep ? now : undefined;
      const made: Delivery = {
        retries: input.MaximumRetryAttempts ?? before?.retries,
        maximumAgeSeconds: input.MaximumEventAgeInSeconds ?? before?.maximumAgeSeconds,
        onSuccess: OnSuccess ? onSuccess : before?.onSuccess,
        onFailure: OnFailure ? onFailure : before?.onFailure,
        lastModified: clock.now().toISOString(),
      };
      await tx.put(deliveries, key, made);
      return made;
    });
    return shapeOf(place, name, qualifier, stored);
  };
  return {
    PutFunctionEventInvokeConfig: (input, call) => write(input, call, false),
    UpdateFunctionEventInvokeConfig: (input, call) => write(input, call, true),
    async GetFunctionEventInvokeConfig(input, call) {
      const { name, qualifier, key } = read(input, call);
      const stored = await store.read(async (tx) => {
        await functionOf(tx, call, { name });
        return tx.get(deliveries, key);
      });
      if (!stored) throw absent(call, name, qualifier);
      return shapeOf(call, name, qualifier, stored);
    },
    async DeleteFunctionEventInvokeConfig(input, call) {
      const { name, qualifier, key } = read(input, call);
      await store.write(async (tx) => {
        await functionOf(tx, call, { name });
        if (!(await tx.get(deliveries, key))) throw absent(call, name, qualifier);
        await tx.delete(deliveries, key);
      });
      return { $metadata: { httpStatusCode: 204 } };
    },
    async ListFunctionEventInvokeConfigs(input, call) {
      const { name } = target(call, input.FunctionName);
      const all = await store.read(async (tx) => {
        await functionOf(tx, call, { name });
        return tx.entries(deliveries, { prefix: [call.account, call.region, name] });
      });
      const { items, NextMarker } = paged(all, ({ key }) => key[3] as string, input);
      return { FunctionEventInvokeConfigs: items.map(({ key, value }) => shapeOf(call, name, key[3] as string, value)), NextMarker };
    },
  };
};
