/** What `git push` sends and hears, without its effects. */
import type { Readable } from "node:stream";
import { band, flush, MalformedPktLine, pktLine, takePktLine } from "./pkt-lines.ts";
import { isObjectId, noObject } from "./refs.ts";

export interface RefUpdate {
  readonly ref: string;
  /** `noObject`: the reference must not exist. */
  readonly from: string;
  /** `noObject`: the reference is to be deleted. */
  readonly to: string;
}
export interface ReceiveRequest {
  readonly updates: readonly RefUpdate[];
  readonly capabilities: ReadonlySet<string>;
  /** Commits whose parents the client itself does not have. */
  readonly shallow: readonly string[];
}
/** What follows the commands. */
interface Rest {
  readonly pack: AsyncIterable<Buffer>;
  /** Reads to the end, so that the client gets to hear the answer. */
  drain(): Promise<void>;
}
/** `reason` undefined: the reference stands as asked. */
export interface Verdict {
  readonly ref: string;
  readonly reason?: string;
}

export const receiveCapabilities =
  "report-status report-status-v2 delete-refs side-band-64k quiet atomic ofs-delta object-format=sha1 agent=mayfly";

/** The body of `info/refs?service=git-receive-pack`. `refs` in the order of their names. */
export const advertiseReceive = (refs: readonly { name: string; target: string }[], protocol: string): Buffer => {
  const lines = refs.length > 0 ? refs : [{ name: "capabilities^{}", target: noObject }];
  return Buffer.concat([
    pktLine("# service=git-receive-pack\n"),
    flush,
    ...(protocol.split(":").includes("version=1") ? [pktLine("version 1\n")] : []),
    ...lines.map(({ name, target }, index) => pktLine(`${target} ${name}${index === 0 ? `\0${receiveCapabilities}` : ""}\n`)),
    flush,
  ]);
};

/** Reads the commands off a body. Undefined: a bare flush, by which clients probe. */
export const readCommands = async (body: Readable): Promise<(ReceiveRequest & Rest) | undefined> => {
  const chunks = body[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  let bytes: Buffer = Buffer.alloc(0);
  const updates: RefUpdate[] = [];
  const shallow: string[] = [];
  let capabilities = new Set<string>();
  for (;;) {
    const line = takePktLine(bytes);
    if (!line) {
      const next = await chunks.next();
      if (next.done) throw new MalformedPktLine("the request ends within its commands");
      bytes = Buffer.concat([bytes, next.value]);
      continue;
    }
    bytes = line.rest;
    if (line.payload === "flush") break;
    const [command, listed] = line.payload.toString("utf8").replace(/\n$/, "").split("\0");
    if (listed !== undefined) capabilities = new Set(listed.split(" ").filter(Boolean));
    const match = /^([0-9a-f]{40}) ([0-9a-f]{40}) (.+)$/.exec(command);
    if (match) updates.push({ from: match[1], to: match[2], ref: match[3] });
    else if (command.startsWith("shallow ") && isObjectId(command.slice(8))) shallow.push(command.slice(8));
    else throw new MalformedPktLine(`bad command ${JSON.stringify(command.slice(0, 100))}`);
  }
  if (updates.length === 0) return undefined;
  async function* pack() {
    if (bytes.length > 0) yield bytes;
    for (let next = await chunks.next(); !next.done; next = await chunks.next()) yield next.value;
  }
  const drain = async () => {
    try {
      while (!(await chunks.next()).done);
    } catch {
      // The client went away: nobody is left to answer.
    }
  };
  return { updates, capabilities, shallow, pack: pack(), drain };
};

/** The answer to a push, in the form for which the client asked. `unpack` undefined: the pack was good. */
export const report = (
  capabilities: ReadonlySet<string>,
  unpack: string | undefined,
  verdicts: readonly Verdict[],
  notes: readonly string[] = [],
): Buffer => {
  const wanted = capabilities.has("report-status") || capabilities.has("report-status-v2");
  const banded = capabilities.has("side-band-64k");
  const status = wanted
    ? Buffer.concat([
        pktLine(`unpack ${unpack ?? "ok"}\n`),
        ...verdicts.map(({ ref, reason }) => pktLine(reason === undefined ? `ok ${ref}\n` : `ng ${ref} ${reason}\n`)),
        flush,
      ])
    : Buffer.alloc(0);
  if (!banded) return status;
  return Buffer.concat([...notes.map((note) => band(2, `${note}\n`)), band(1, status), flush]);
};
