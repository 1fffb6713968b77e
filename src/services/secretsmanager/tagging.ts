import type * as sdk from "@aws-sdk/client-secrets-manager";
import type { Handlers } from "../../protocols/operations.ts";
import type { Call, Context } from "../service.ts";
import { invalid } from "./errors.ts";
import { mustFind } from "./lookups.ts";
import { arnOf, keyOf, type Secret, secrets } from "./records.ts";
import { tagsOf } from "./tags.ts";

/** Tags and resource policies: what hangs on a secret beside its value. */
export const tagOperations = ({ store }: Context): Handlers<typeof sdk> => {
  const change = (call: Call, id: string | undefined, work: (secret: Secret) => Secret) =>
    store.write(async (tx) => {
      const secret = await mustFind(tx, call, id);
      await tx.put(secrets, keyOf(call, secret.name), work(secret));
      return { ARN: arnOf(call, secret), Name: secret.name };
    });
  return {
    TagResource: async (input, call) => {
      await change(call, input.SecretId, (secret) => ({ ...secret, tags: tagsOf(input.Tags, secret.tags) }));
      return {};
    },
    UntagResource: async (input, call) => {
      await change(call, input.SecretId, (secret) => ({
        ...secret,
        tags: Object.fromEntries(Object.entries(secret.tags).filter(([key]) => !input.TagKeys?.includes(key))),
      }));
      return {};
    },
    GetResourcePolicy: (input, call) =>
      store.read(async (tx) => {
        const secret = await mustFind(tx, call, input.SecretId);
        return { ARN: arnOf(call, secret), Name: secret.name, ResourcePolicy: secret.policy };
      }),
    PutResourcePolicy: (input, call) => {
      try {
        JSON.parse(input.ResourcePolicy as string);
      } catch {
        throw invalid("The resource policy is not valid JSON.");
      }
      return change(call, input.SecretId, (secret) => ({ ...secret, policy: input.ResourcePolicy }));
    },
    DeleteResourcePolicy: (input, call) => change(call, input.SecretId, ({ policy: _, ...secret }) => secret),
  };
};
