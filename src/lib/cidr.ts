/** Whether an address lies in a block: IPv4 and IPv6. */
import { BlockList, isIP } from "node:net";

/** Undefined: the text is no block. */
export const cidrTest = (block: string): ((address: string) => boolean) | undefined => {
  const [, network, length] = /^([^/]+)\/(\d{1,3})$/.exec(block) ?? [];
  const family = isIP(network ?? "");
  if (family === 0 || Number(length) > (family === 4 ? 32 : 128)) return undefined;
  const list = new BlockList();
  const kind = family === 4 ? "ipv4" : "ipv6";
  list.addSubnet(network, Number(length), kind);
  return (address) => isIP(address) === family && list.check(address, kind);
};
