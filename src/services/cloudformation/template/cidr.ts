import { TemplateError } from "./value.ts";

const parse4 = (text: string): bigint | undefined => {
  const parts = text.split(".");
  if (parts.length !== 4 || !parts.every((part) => /^\d{1,3}$/.test(part) && Number(part) < 256)) return undefined;
  return parts.reduce((sum, part) => sum * 256n + BigInt(part), 0n);
};
const write4 = (value: bigint): string => [24n, 16n, 8n, 0n].map((shift) => (value >> shift) & 255n).join(".");
const parse6 = (text: string): bigint | undefined => {
  const halves = text.split("::");
  const groups = halves.map((half) => (half ? half.split(":") : []));
  const given = groups.flat();
  if (halves.length > 2 || !given.every((group) => /^[0-9a-f]{1,4}$/i.test(group))) return undefined;
  const missing = 8 - given.length;
  if (halves.length === 2 ? missing < 1 : missing !== 0) return undefined;
  const all = halves.length === 2 ? [...(groups[0] ?? []), ...Array(missing).fill("0"), ...(groups[1] ?? [])] : given;
  return all.reduce((sum, group) => sum * 65536n + BigInt(`0x${group}`), 0n);
};
const write6 = (value: bigint): string => {
  const groups = Array.from({ length: 8 }, (_, index) => ((value >> BigInt(16 * (7 - index))) & 65535n).toString(16)).join(":");
  const longest = [...groups.matchAll(/(?:^|:)0(?::0)+(?=:|$)/g)].sort((a, b) => b[0].length - a[0].length)[0];
  return longest
    ? groups
        .replace(longest[0], longest.index === 0 ? "::" : ":")
        .replace(/:::+/, "::")
        .replace(/([^:]):$/, "$1::")
    : groups;
};

/** `Fn::Cidr`: the first blocks of that many host bits within a block. */
export const cidrBlocks = (block: string, count: number, bits: number | undefined): string[] => {
  const [address = "", length = ""] = block.split("/");
  const six = address.includes(":");
  const size = six ? 128 : 32;
  const base = six ? parse6(address) : parse4(address);
  const prefix = Number(length);
  const host = bits ?? 8;
  const valid = base !== undefined && /^\d+$/.test(length) && prefix <= size && Number.isInteger(count) && count >= 1 && count <= 256;
  if (!valid || !Number.isInteger(host) || host < 1 || host > size || (bits === undefined && six)) {
    throw new TemplateError(`Template error: Fn::Cidr cannot divide '${block}' into ${count} blocks of ${bits ?? 8} bits`);
  }
  const step = 1n << BigInt(host);
  const first = (base >> BigInt(size - prefix)) << BigInt(size - prefix);
  if (BigInt(count) * step > 1n << BigInt(size - prefix)) {
    throw new TemplateError(`Template error: Fn::Cidr cannot divide '${block}' into ${count} blocks of ${host} bits`);
  }
  return Array.from({ length: count }, (_, index) => `${(six ? write6 : write4)(first + BigInt(index) * step)}/${size - host}`);
};
