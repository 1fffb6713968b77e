/** The key that this server signs its notifications with: made once, kept in the store. */
import { createPrivateKey, createSign, generateKeyPair, type KeyObject, randomBytes } from "node:crypto";
import { promisify } from "node:util";
import { collection } from "../../store/store.ts";
import type { Context } from "../service.ts";
import { selfSigned } from "./certificate.ts";
import type { Signer } from "./envelope.ts";

interface SigningKey {
  readonly id: string;
  /** PEM, both. */
  readonly key: string;
  readonly certificate: string;
}
const signingKeys = collection<SigningKey>("sns.signing-keys");
const current = ["current"];
const years = 20;

export const certificatePath = (id: string) => `/_mayfly/sns/SimpleNotificationService-${id}.pem`;

export interface Signing {
  signer(): Promise<Signer>;
  /** The certificate of that path; undefined when there is none. */
  certificate(path: string): Promise<string | undefined>;
  forget(): void;
}

export const signing = ({ store, clock, endpoint }: Context): Signing => {
  let held: Promise<{ record: SigningKey; key: KeyObject }> | undefined;
  const make = async (): Promise<SigningKey> => {
    const { privateKey } = await promisify(generateKeyPair)("rsa", { modulusLength: 2048 });
    const serial = randomBytes(15);
    const now = clock.now();
    const until = new Date(now);
    until.setUTCFullYear(until.getUTCFullYear() + years);
    return {
      id: serial.toString("hex"),
      key: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
      certificate: selfSigned(privateKey, "sns.mayfly", now, until, serial),
    };
  };
  const load = async () => {
    const known = await store.read((tx) => tx.get(signingKeys, current));
    const fresh = known ?? (await make());
    const record =
      known ??
      (await store.write(async (tx) =>
        (await tx.create(signingKeys, current, fresh)) ? fresh : ((await tx.get(signingKeys, current)) as SigningKey),
      ));
    return { record, key: createPrivateKey(record.key) };
  };
  const loaded = () => {
    held ??= load().catch((error) => {
      held = undefined;
      throw error;
    });
    return held;
  };
  return {
    signer: async () => {
      const { record, key } = await loaded();
      return {
        certificateUrl: `${endpoint()}${certificatePath(record.id)}`,
        sign: (text, version) =>
          createSign(version === "1" ? "sha1" : "sha256")
            .update(text)
            .sign(key, "base64"),
      };
    },
    certificate: async (path) => {
      const record = await store.read((tx) => tx.get(signingKeys, current));
      return record && path === certificatePath(record.id) ? record.certificate : undefined;
    },
    forget: () => {
      held = undefined;
    },
  };
};
