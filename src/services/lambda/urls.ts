import type * as sdk from "@aws-sdk/client-lambda";
import { randomBytes } from "node:crypto";
import type { Handlers } from "../../protocols/operations.ts";
import { conflict, functionNotFound, notBuilt, notFound, validation } from "./errors.ts";
import { functionOf, paged, target, versionOf } from "./lookups.ts";
import { functionArn, isVersion } from "./names.ts";
import { type Cors, type FunctionUrl, urlIds, urls } from "./records.ts";
import type { Place, World } from "./world.ts";

const letters = "abcdefghijklmnopqrstuvwxyz234567";
const newId = () => [...randomBytes(32)].map((byte) => letters[byte % 32]).join("");

/** Where the function answers: a host of its own below `localhost`, which needs no DNS; else a path below our address. */
export const addressOf = (endpoint: string, region: string, id: string): string => {
  const { protocol, hostname, port } = new URL(endpoint);
  const local = hostname === "localhost" || hostname === "[::1]" || /^127\./.test(hostname);
  return local ? `${protocol}//${id}.lambda-url.${region}.localhost${port ? `:${port}` : ""}/` : `${endpoint}/_mayfly/url/${id}/`;
};

const checkMode = (mode: string | undefined) => {
  if (mode !== undefined && mode !== "BUFFERED") throw notBuilt(`InvokeMode ${mode}`);
};
const corsOf = (cors: sdk.Cors | undefined): Cors | undefined => (cors && Object.keys(cors).length > 0 ? (cors as Cors) : undefined);

export const urlOperations = ({ context: { store, clock } }: World): Handlers<typeof sdk> => {
  const read = (input: { FunctionName?: string | undefined; Qualifier?: string | undefined }, place: Place) => {
    const { name, qualifier = "" } = target(place, input.FunctionName, input.Qualifier);
    if (qualifier === "$LATEST" || isVersion(qualifier))
      throw validation(
        `1 validation error detected: Value '${qualifier}' at 'qualifier' failed to satisfy constraint: Member must satisfy regular expression pattern: ((?!^\\d+$)^[0-9a-zA-Z-_]+$)`,
      );
    return {
      name,
      alias: qualifier,
      key: [place.account, place.region, name, qualifier],
      arn: functionArn(place, name, qualifier === "" ? undefined : qualifier),
    };
  };
  const shapeOf = (call: Place & { endpoint: string }, url: FunctionUrl) => ({
    FunctionUrl: addressOf(call.endpoint, call.region, url.id),
    FunctionArn: functionArn(call, url.function, url.alias === "" ? undefined : url.alias),
    AuthType: url.auth,
    Cors: url.cors,
    CreationTime: url.createdAt,
    LastModifiedTime: url.lastModified,
    InvokeMode: "BUFFERED" as const,
  });
  return {
    async CreateFunctionUrlConfig(input, call) {
      checkMode(input.InvokeMode);
      const { name, alias, key, arn } = read(input, call);
      const now = clock.now().toISOString();
      const made: FunctionUrl = {
        id: newId(),
        function: name,
        alias,
        auth: input.AuthType as FunctionUrl["auth"],
        cors: corsOf(input.Cors),
        createdAt: now,
        lastModified: now,
      };
      await store.write(async (tx) => {
        await versionOf(tx, call, { name, qualifier: alias === "" ? undefined : alias }).catch((error) => {
          throw alias === "" ? error : functionNotFound(arn);
        });
        if (!(await tx.create(urls, key, made)))
          throw conflict(
            `Failed to create function url config for [functionArn = ${arn}]. Error message:  FunctionUrlConfig exists for this Lambda function`,
          );
        await tx.put(urlIds, [made.id], { account: call.account, region: call.region, function: name, alias });
      });
      return { ...shapeOf(call, made), $metadata: { httpStatusCode: 201 } };
    },

    async GetFunctionUrlConfig(input, call) {
      const { key } = read(input, call);
      const url = await store.read((tx) => tx.get(urls, key));
      if (!url) throw notFound("The resource you requested does not exist.");
      return shapeOf(call, url);
    },

    async UpdateFunctionUrlConfig(input, call) {
      checkMode(input.InvokeMode);
      const { key } = read(input, call);
      const updated = await store.write(async (tx) => {
        const url = await tx.get(urls, key);
        if (!url) throw notFound("The resource you requested does not exist.");
        const after: FunctionUrl = {
          ...url,
          auth: input.AuthType ?? url.auth,
          cors: input.Cors ? corsOf(input.Cors) : url.cors,
          lastModified: clock.now().toISOString(),
        };
        await tx.put(urls, key, after);
        return after;
      });
      return shapeOf(call, updated);
    },

    async DeleteFunctionUrlConfig(input, call) {
      const { key } = read(input, call);
      await store.write(async (tx) => {
        const url = await tx.get(urls, key);
        if (!url) throw notFound("The resource you requested does not exist.");
        await tx.delete(urls, key);
        await tx.delete(urlIds, [url.id]);
      });
      return { $metadata: { httpStatusCode: 204 } };
    },

    async ListFunctionUrlConfigs(input, call) {
      const { name } = target(call, input.FunctionName);
      const all = await store.read(async (tx) => {
        await functionOf(tx, call, { name });
        return tx.list(urls, { prefix: [call.account, call.region, name] });
      });
      const { items, NextMarker } = paged(all, ({ alias }) => alias, input);
      return { FunctionUrlConfigs: items.map((url) => shapeOf(call, url)), NextMarker };
    },
  };
};
