/** One long-lived `git cat-file --batch-command` a repository: an object costs a pipe's round trip, not a process. */
import type { ChildProcessWithoutNullStreams } from "node:child_process";
import type { ObjectType } from "./objects.ts";

export interface Found {
  readonly id: string;
  readonly type: ObjectType;
  readonly size: number;
}
export interface FoundContent extends Found {
  readonly content: Buffer;
}
export interface Reader {
  /** Of an object id, or of one with a suffix such as `^{commit}`. */
  info(name: string): Promise<Found | undefined>;
  read(name: string): Promise<FoundContent | undefined>;
  /** Ends the process; the next question starts another. */
  rest(): void;
}
interface Asked {
  readonly wantsContent: boolean;
  resolve(answer: FoundContent | undefined): void;
  reject(error: Error): void;
}

const idleMilliseconds = 20_000;

export const startReader = (start: () => ChildProcessWithoutNullStreams): Reader => {
  let running: Conversation | undefined;
  let idle: NodeJS.Timeout | undefined;
  const rest = () => {
    clearTimeout(idle);
    running?.end();
    running = undefined;
  };
  const ask = (command: "info" | "contents", name: string): Promise<FoundContent | undefined> => {
    if (/[\n\0]/.test(name)) return Promise.resolve(undefined);
    if (!running || running.ended()) running = converse(start());
    if (idle) idle.refresh();
    else {
      idle = setTimeout(rest, idleMilliseconds);
      idle.unref();
    }
    return running.ask(command, name);
  };
  return { info: (name) => ask("info", name), read: (name) => ask("contents", name), rest };
};

interface Conversation {
  ask(command: "info" | "contents", name: string): Promise<FoundContent | undefined>;
  /** Answers what was asked, and no more. */
  end(): void;
  ended(): boolean;
}

const converse = (child: ChildProcessWithoutNullStreams): Conversation => {
  const waiting: Asked[] = [];
  let ended = false;
  let chunks: Buffer[] = [];
  let length = 0;
  /** Of the answer whose content is being collected. */
  let header: Found | undefined;

  const keep = (bytes: Buffer) => {
    chunks = bytes.length > 0 ? [bytes] : [];
    length = bytes.length;
  };
  const joined = () => {
    if (chunks.length !== 1) chunks = [Buffer.concat(chunks, length)];
    return chunks[0];
  };
  const takeHeader = (): boolean => {
    const end = joined().indexOf(10);
    if (end < 0) return false;
    const line = joined().toString("utf8", 0, end);
    keep(joined().subarray(end + 1));
    const match = /^([0-9a-f]{40}) (commit|tree|blob|tag) (\d+)$/.exec(line);
    if (!match) waiting.shift()?.resolve(undefined);
    else {
      const found: Found = { id: match[1], type: match[2] as ObjectType, size: Number(match[3]) };
      if (waiting[0]?.wantsContent) header = found;
      else waiting.shift()?.resolve({ ...found, content: Buffer.alloc(0) });
    }
    return true;
  };
  const takeContent = (of: Found): boolean => {
    if (length < of.size + 1) return false;
    const bytes = joined();
    keep(bytes.subarray(of.size + 1));
    header = undefined;
    waiting.shift()?.resolve({ ...of, content: bytes.subarray(0, of.size) });
    return true;
  };
  const fail = (error: Error) => {
    ended = true;
    for (const asked of waiting.splice(0)) asked.reject(error);
  };
  child.stdout.on("data", (chunk: Buffer) => {
    chunks.push(chunk);
    length += chunk.length;
    while (length > 0 && (header ? takeContent(header) : takeHeader()));
  });
  child.on("error", fail);
  child.stdin.on("error", () => {});
  child.stderr.resume();
  child.on("close", (code) => fail(new Error(`git cat-file ended (${code})`)));
  return {
    ask: (command, name) =>
      new Promise((resolve, reject) => {
        waiting.push({ wantsContent: command === "contents", resolve, reject });
        child.stdin.write(`${command} ${name}\n`);
      }),
    end() {
      ended = true;
      child.stdin.end();
    },
    ended: () => ended,
  };
};
