/** A self-signed X.509 certificate for an RSA key: Node reads certificates but makes none. */
import { createPublicKey, createSign, type KeyObject } from "node:crypto";

const length = (size: number): Buffer => {
  if (size < 0x80) return Buffer.from([size]);
  const hex = size.toString(16);
  const bytes = Buffer.from(hex.length % 2 ? `0${hex}` : hex, "hex");
  return Buffer.concat([Buffer.from([0x80 | bytes.length]), bytes]);
};
const item = (tag: number, ...content: Uint8Array[]): Buffer => {
  const body = Buffer.concat(content);
  return Buffer.concat([Buffer.from([tag]), length(body.length), body]);
};
const sequence = (...content: Uint8Array[]) => item(0x30, ...content);
const objectId = (hex: string) => item(0x06, Buffer.from(hex, "hex"));
const sha256WithRsa = sequence(objectId("2a864886f70d01010b"), item(0x05));
const named = (name: string) => sequence(item(0x31, sequence(objectId("550403"), item(0x0c, Buffer.from(name)))));
const time = (moment: Date) => item(0x18, Buffer.from(`${moment.toISOString().replace(/[-:T]/g, "").slice(0, 14)}Z`));

/** PEM. */
export const selfSigned = (key: KeyObject, name: string, from: Date, until: Date, serial: Uint8Array): string => {
  const publicKey = createPublicKey(key).export({ type: "spki", format: "der" });
  const body = sequence(
    item(0xa0, item(0x02, Buffer.from([2]))),
    item(0x02, Buffer.from([0x01]), serial),
    sha256WithRsa,
    named(name),
    sequence(time(from), time(until)),
    named(name),
    publicKey,
  );
  const signature = createSign("sha256").update(body).sign(key);
  const whole = sequence(body, sha256WithRsa, item(0x03, Buffer.from([0]), signature));
  const lines = whole.toString("base64").match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join("\n")}\n-----END CERTIFICATE-----\n`;
};
