/** Git's framing: four hex digits of length (themselves counted), then the payload; `0000` ends a section. */

export const flush = Buffer.from("0000");

export const pktLine = (payload: string | Uint8Array): Buffer => {
  const bytes = typeof payload === "string" ? Buffer.from(payload) : payload;
  return Buffer.concat([Buffer.from((bytes.length + 4).toString(16).padStart(4, "0")), bytes]);
};

/** The largest payload of a side-band-64k line: 65520 less the length digits and the band's byte. */
const bandLimit = 65515;

/** Wraps bytes into lines of one side band (1 data, 2 progress, 3 fatal). */
export const band = (number: 1 | 2 | 3, payload: string | Uint8Array): Buffer => {
  const bytes = typeof payload === "string" ? Buffer.from(payload) : payload;
  const lines: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += bandLimit) {
    lines.push(pktLine(Buffer.concat([Buffer.from([number]), bytes.subarray(at, at + bandLimit)])));
  }
  return Buffer.concat(lines);
};

export class MalformedPktLine extends Error {}

/** Takes one line off the front: its payload, `flush`, or undefined while it is not all there. */
export const takePktLine = (bytes: Buffer): { payload: Buffer | "flush"; rest: Buffer } | undefined => {
  if (bytes.length < 4) return undefined;
  const digits = bytes.toString("latin1", 0, 4);
  if (!/^[0-9a-fA-F]{4}$/.test(digits)) throw new MalformedPktLine(`bad line length ${JSON.stringify(digits)}`);
  const length = Number.parseInt(digits, 16);
  if (length === 0) return { payload: "flush", rest: bytes.subarray(4) };
  if (length < 4 || length > 65520) throw new MalformedPktLine(`bad line length ${digits}`);
  if (bytes.length < length) return undefined;
  return { payload: bytes.subarray(4, length), rest: bytes.subarray(length) };
};
