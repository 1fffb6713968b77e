import type * as sdk from "@aws-sdk/client-lambda";
import type { Handlers } from "../../protocols/operations.ts";
import { invalid } from "./errors.ts";
import { functionOf, target, versionOf } from "./lookups.ts";
import { functionArn } from "./names.ts";
import { maximumUnzipped } from "./packages.ts";
import { functions, versions } from "./records.ts";
import type { Place, World } from "./world.ts";

/** An account's limits as AWS has them; this machine's memory may set narrower ones (see `fleet.ts`). */
const concurrent = 1000;
const leastUnreserved = 100;
const maximumUpload = 52_428_800;
const maximumCode = 80_530_636_800;

export const limitOperations = ({ context: { store } }: World): Handlers<typeof sdk> => {
  const reserve = (place: Place, name: string, reservedConcurrency: number | undefined) =>
    store.write(async (tx) => {
      const stored = await functionOf(tx, place, { name });
      const others = (await tx.list(functions, { prefix: [place.account, place.region] })).filter((one) => one.name !== name);
      const sum = others.reduce((total, one) => total + (one.reservedConcurrency ?? 0), reservedConcurrency ?? 0);
      if (concurrent - sum < leastUnreserved)
        throw invalid(
          `Specified ReservedConcurrentExecutions for function decreases account's UnreservedConcurrentExecution below its minimum value of [${leastUnreserved}].`,
        );
      await tx.put(functions, [place.account, place.region, name], { ...stored, reservedConcurrency });
    });
  return {
    async PutFunctionConcurrency(input, call) {
      const { name } = target(call, input.FunctionName);
      await reserve(call, name, input.ReservedConcurrentExecutions);
      return { ReservedConcurrentExecutions: input.ReservedConcurrentExecutions };
    },
    async GetFunctionConcurrency(input, call) {
      const { reservedConcurrency } = await store.read((tx) => functionOf(tx, call, target(call, input.FunctionName)));
      return { ReservedConcurrentExecutions: reservedConcurrency };
    },
    async DeleteFunctionConcurrency(input, call) {
      const { name } = target(call, input.FunctionName);
      await reserve(call, name, undefined);
      return { $metadata: { httpStatusCode: 204 } };
    },
    async GetAccountSettings(_input, call) {
      const prefix = [call.account, call.region];
      const { all, published } = await store.read(async (tx) => ({
        all: await tx.list(functions, { prefix }),
        published: await tx.list(versions, { prefix }),
      }));
      const reserved = all.reduce((total, one) => total + (one.reservedConcurrency ?? 0), 0);
      return {
        AccountLimit: {
          TotalCodeSize: maximumCode,
          CodeSizeUnzipped: maximumUnzipped,
          CodeSizeZipped: maximumUpload,
          ConcurrentExecutions: concurrent,
          UnreservedConcurrentExecutions: concurrent - reserved,
        },
        AccountUsage: {
          TotalCodeSize: [...all, ...published].reduce((total, { code }) => total + code.size, 0),
          FunctionCount: all.length,
        },
      };
    },
    /** Functions run on what this machine has, whenever it changes. */
    async GetRuntimeManagementConfig(input, call) {
      const wanted = target(call, input.FunctionName, input.Qualifier);
      const { version } = await store.read((tx) => versionOf(tx, call, wanted));
      return { UpdateRuntimeOn: "Auto", FunctionArn: functionArn(call, version.name, version.version) };
    },
    async GetFunctionCodeSigningConfig(input, call) {
      const { name } = await store.read((tx) => functionOf(tx, call, target(call, input.FunctionName)));
      return { CodeSigningConfigArn: "", FunctionName: name };
    },
  };
};
