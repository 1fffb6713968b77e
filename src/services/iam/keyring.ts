/** The door's view of credentials: loaded at boot, so it imports no SDK package. */
import type { Clock } from "../../lib/clock.ts";
import { collection, type Store } from "../../store/store.ts";
import { type AccessKey, accessKeys, type Credential, findCredential, newAccessKey } from "../credentials.ts";
import type { Principal } from "../principal.ts";

export const rootPrincipal = (account: string): Principal => ({ kind: "root", account, arn: `arn:aws:iam::${account}:root`, id: account });

/** Which key is the account's root key. */
const rootKeys = collection<{ accessKeyId: string }>("iam.root-keys");

export interface Keyring {
  /** What the gateway checks a signature with. Undefined: unknown or switched off. It compares `sessionToken` and `expires` itself. */
  find(accessKeyId: string, sessionToken?: string): Promise<Credential | undefined>;
  /** The root's key pair of that account: made at the first call, the same ever after. */
  createRootKeys(account: string): Promise<{ accessKeyId: string; secretAccessKey: string }>;
}

export const keyring = (store: Store, clock: Clock): Keyring => ({
  find: (accessKeyId) => findCredential(store, accessKeyId),
  createRootKeys: (account) => {
    const fresh = newAccessKey(rootPrincipal(account), clock.now());
    return store.write(async (tx): Promise<AccessKey> => {
      const known = await tx.get(rootKeys, [account]);
      const kept = known && (await tx.get(accessKeys, [known.accessKeyId]));
      if (kept) return kept;
      await tx.put(rootKeys, [account], { accessKeyId: fresh.accessKeyId });
      await tx.put(accessKeys, [fresh.accessKeyId], fresh);
      return fresh;
    });
  },
});
