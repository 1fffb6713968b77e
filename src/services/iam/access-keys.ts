import type * as sdk from "@aws-sdk/client-iam";
import type { Handlers } from "../../protocols/operations.ts";
import type { Writing } from "../../store/store.ts";
import { accessKeys, newAccessKey } from "../credentials.ts";
import type { Context } from "../service.ts";
import { limitExceeded, marked, noSuchEntity } from "./errors.ts";
import { loaded } from "./holders.ts";
import { keyOf, userPrincipal, users } from "./records.ts";
import { userNamed } from "./users.ts";

const keysPerUser = 2;

export const accessKeyOperations = ({ store, clock }: Context): Handlers<typeof sdk> => {
  const owned = async (tx: Pick<Writing, "get">, account: string, userName: string, keyId: string) => {
    const user = await loaded(tx, "user", account, userName);
    const key = user.accessKeys.includes(keyId) ? await tx.get(accessKeys, [keyId]) : undefined;
    if (!key) throw noSuchEntity(`The Access Key with id ${keyId} cannot be found.`);
    return { user, key };
  };
  return {
    CreateAccessKey: (input, call) =>
      store.write(async (tx) => {
        const user = await loaded(tx, "user", call.account, userNamed(input.UserName, call));
        if (user.accessKeys.length >= keysPerUser) throw limitExceeded(`Cannot exceed quota for AccessKeysPerUser: ${keysPerUser}`);
        const key = newAccessKey(userPrincipal(call.account, user), clock.now());
        await tx.put(accessKeys, [key.accessKeyId], key);
        await tx.put(users, keyOf(call.account, user.name), { ...user, accessKeys: [...user.accessKeys, key.accessKeyId] });
        return {
          AccessKey: {
            UserName: user.name,
            AccessKeyId: key.accessKeyId,
            Status: key.status,
            SecretAccessKey: key.secretAccessKey,
            CreateDate: new Date(key.created),
          },
        };
      }),
    ListAccessKeys: (input, call) =>
      store.read(async (tx) => {
        const user = await loaded(tx, "user", call.account, userNamed(input.UserName, call));
        const { items, ...rest } = marked(user.accessKeys, (id) => id, input);
        const found = await Promise.all(items.map((id) => tx.get(accessKeys, [id])));
        return {
          AccessKeyMetadata: found
            .filter((key) => key !== undefined)
            .map((key) => ({ UserName: user.name, AccessKeyId: key.accessKeyId, Status: key.status, CreateDate: new Date(key.created) })),
          ...rest,
        };
      }),
    UpdateAccessKey: (input, call) =>
      store.write(async (tx) => {
        const { key } = await owned(tx, call.account, userNamed(input.UserName, call), input.AccessKeyId as string);
        await tx.put(accessKeys, [key.accessKeyId], { ...key, status: input.Status === "Active" ? "Active" : "Inactive" });
        return {};
      }),
    DeleteAccessKey: (input, call) =>
      store.write(async (tx) => {
        const { user, key } = await owned(tx, call.account, userNamed(input.UserName, call), input.AccessKeyId as string);
        await tx.delete(accessKeys, [key.accessKeyId]);
        await tx.put(users, keyOf(call.account, user.name), {
          ...user,
          accessKeys: user.accessKeys.filter((id) => id !== key.accessKeyId),
        });
        return {};
      }),
  };
};
