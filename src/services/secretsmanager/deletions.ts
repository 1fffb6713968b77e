import type * as sdk from "@aws-sdk/client-secrets-manager";
import type { Handlers } from "../../protocols/operations.ts";
import type { Task } from "../../queue/queue.ts";
import type { Writing } from "../../store/store.ts";
import type { Context } from "../service.ts";
import { invalid } from "./errors.ts";
import { find, mustFind } from "./lookups.ts";
import { arnOf, keyOf, type Place, type Secret, secrets, values } from "./records.ts";

const dayMs = 24 * 3600 * 1000;

const remove = async (tx: Writing, place: Place, { name }: Secret) => {
  await tx.delete(secrets, keyOf(place, name));
  await tx.deleteAll(values, keyOf(place, name));
};

export const deletionOperations = ({ store, clock }: Context): Handlers<typeof sdk> => ({
  DeleteSecret: (input, call) => {
    const { ForceDeleteWithoutRecovery: force = false, RecoveryWindowInDays: days } = input;
    if (force && days !== undefined) throw invalid("You can't use ForceDeleteWithoutRecovery in conjunction with RecoveryWindowInDays.");
    if (days !== undefined && (days < 7 || days > 30))
      throw invalid("The RecoveryWindowInDays value must be between 7 and 30 days (inclusive).");
    return store.write(async (tx) => {
      const now = clock.now();
      if (force) {
        const found = await find(tx, call, input.SecretId as string);
        if (found) await remove(tx, call, found);
        const name = input.SecretId as string;
        return found ? { ARN: arnOf(call, found), Name: found.name, DeletionDate: now } : { Name: name, DeletionDate: now };
      }
      const secret = await mustFind(tx, call, input.SecretId);
      const at = new Date(now.getTime() + (days ?? 30) * dayMs);
      await tx.put(secrets, keyOf(call, secret.name), { ...secret, deletion: { asked: now.toISOString(), at: at.toISOString() } });
      const place: Place = { account: call.account, region: call.region };
      await tx.later({
        name: "secretsmanager.discard",
        payload: { place, name: secret.name, suffix: secret.suffix, at: at.toISOString() },
        at,
      });
      return { ARN: arnOf(call, secret), Name: secret.name, DeletionDate: at };
    });
  },
  RestoreSecret: (input, call) =>
    store.write(async (tx) => {
      const { deletion: _, ...secret } = await mustFind(tx, call, input.SecretId, "deleted too");
      await tx.put(secrets, keyOf(call, secret.name), secret);
      return { ARN: arnOf(call, secret), Name: secret.name };
    }),
});

/** The recovery window is over: gone for good, unless it was restored meanwhile. */
export const discard = (task: Task): Promise<void> => {
  const { place, name, suffix, at } = task.payload as { place: Place; name: string; suffix: string; at: string };
  return task.finish(async (tx) => {
    const secret = await tx.get(secrets, keyOf(place, name));
    if (secret?.suffix === suffix && secret.deletion?.at === at) await remove(tx, place, secret);
  });
};
