/**
 * Keeps secret values unreadable in the store's documents, as AWS keeps them encrypted with a key of the service's own.
 * The key itself lies in the store too: this guards a listing or a stray copy of a document, not the whole database.
 */
import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import { collection, type Store } from "../store/store.ts";

export interface Vault {
  /** Text → base64. `about` must be the same when it is opened: a value moved to another name does not open. */
  seal(text: string, about: string): Promise<string>;
  open(sealed: string, about: string): Promise<string>;
  /** The store was emptied. */
  forget(): void;
}

const keys = collection<{ key: string }>("vault.keys");
const nonceBytes = 12;
const tagBytes = 16;

/** Each service has a key of its own: made at its first use. */
export const vault = (store: Store, service: string): Vault => {
  let held: Promise<Buffer> | undefined;
  const load = async (): Promise<Buffer> => {
    const fresh = { key: randomBytes(32).toString("base64") };
    const found =
      (await store.read((tx) => tx.get(keys, [service]))) ??
      (await store.write(async (tx) => ((await tx.create(keys, [service], fresh)) ? fresh : await tx.get(keys, [service]))));
    return Buffer.from((found as { key: string }).key, "base64");
  };
  const key = () => {
    held ??= load().catch((error) => {
      held = undefined;
      throw error;
    });
    return held;
  };
  return {
    seal: async (text, about) => {
      const nonce = randomBytes(nonceBytes);
      const cipher = createCipheriv("aes-256-gcm", await key(), nonce).setAAD(Buffer.from(about));
      const body = Buffer.concat([cipher.update(text, "utf8"), cipher.final()]);
      return Buffer.concat([nonce, cipher.getAuthTag(), body]).toString("base64");
    },
    open: async (sealed, about) => {
      const bytes = Buffer.from(sealed, "base64");
      const decipher = createDecipheriv("aes-256-gcm", await key(), bytes.subarray(0, nonceBytes))
        .setAAD(Buffer.from(about))
        .setAuthTag(bytes.subarray(nonceBytes, nonceBytes + tagBytes));
      return Buffer.concat([decipher.update(bytes.subarray(nonceBytes + tagBytes)), decipher.final()]).toString("utf8");
    },
    forget: () => {
      held = undefined;
    },
  };
};
