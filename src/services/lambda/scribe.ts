/**
 * Writes an instance's log: its output line by line, framed by START, END and REPORT of the invocations it belongs to.
 * Output arrives a moment after the answer it was written before; runtimes of ours mark the end of an invocation's output,
 * others are given a short grace.
 */
import { StringDecoder } from "node:string_decoder";
import { endLine, type Report, reportLine, startLine } from "./reports.ts";

/** Begins a line of our runtimes that says: this invocation, or `init`, has written all it will. */
export const mark = "\u001e";
const maximumLine = 250_000;
const maximumTail = 4096;

export interface Scribe {
  /** The container's output, as it comes. */
  output(bytes: Uint8Array): void;
  /** A line of our own. */
  say(text: string): void;
  start(requestId: string, version: string): void;
  /** The invocation is answered; END and REPORT follow its output. `note` is said before them. */
  end(report: Report, note?: string): void;
  /** The last lines of the invocation, once it is closed. */
  tail(requestId: string): Promise<string>;
  /** No more output comes. */
  close(): void;
}

interface Open {
  readonly requestId: string;
  readonly version: string;
  started: boolean;
  marked: boolean;
  report?: Report;
  note?: string;
  lines: string[];
  closed: (text: string) => void;
  tail: Promise<string>;
  timer?: NodeJS.Timeout;
}

export const createScribe = (options: { write(line: string): void; marks: boolean; graceMs: number }): Scribe => {
  const decoder = new StringDecoder("utf8");
  /** In the order of their starts; the first is the one that writes. */
  const open: Open[] = [];
  let rest = "";
  let ended = false;
  /** What was written while it got ready stands before the first START. */
  let initialised = !options.marks;

  const say = (text: string) => {
    options.write(text);
    const lines = open[0]?.started ? open[0].lines : undefined;
    if (!lines) return;
    lines.push(text);
    if (lines.length > 1000) lines.splice(0, 500);
  };
  const begin = () => {
    const first = open[0];
    if (!first || first.started || !initialised) return;
    first.started = true;
    say(startLine(first.requestId, first.version));
  };
  const close = (one: Open) => {
    clearTimeout(one.timer);
    initialised = true;
    begin();
    if (one.note) say(one.note);
    say(endLine(one.requestId));
    say(reportLine(one.report as Report));
    open.shift();
    const text = Buffer.from(`${one.lines.join("\n")}\n`);
    one.closed(text.subarray(Math.max(0, text.length - maximumTail)).toString());
    begin();
    settle();
  };
  const settle = () => {
    const first = open[0];
    if (!first?.report) return;
    if (ended || first.marked || (!options.marks && open.length > 1)) return close(first);
    first.timer ??= setTimeout(() => open[0] === first && flushAndClose(first), options.graceMs);
  };
  const flushAndClose = (one: Open) => {
    flush();
    close(one);
  };
  const flush = () => {
    if (rest !== "") line(rest);
    rest = "";
  };
  const line = (text: string): void => {
    const at = options.marks ? text.indexOf(mark) : -1;
    if (at < 0) return void say(options.marks ? unfold(text) : text);
    if (at > 0) say(unfold(text.slice(0, at)));
    const name = text.slice(at + mark.length).trim();
    if (name === "init") initialised = true;
    const one = open.find(({ requestId }) => requestId === name);
    if (one) one.marked = true;
    begin();
    settle();
  };

  return {
    say,
    output(bytes) {
      const lines = (rest + decoder.write(Buffer.from(bytes))).split("\n");
      rest = lines.pop() as string;
      for (const one of lines) line(one);
      while (rest.length > maximumLine) {
        line(rest.slice(0, maximumLine));
        rest = rest.slice(maximumLine);
      }
    },
    start(requestId, version) {
      let closed: (text: string) => void = () => {};
      const tail = new Promise<string>((resolve) => {
        closed = resolve;
      });
      open.push({ requestId, version, started: false, marked: false, lines: [], closed, tail });
      settle();
      begin();
    },
    end(report, note) {
      const one = open.find(({ requestId }) => requestId === report.requestId);
      if (!one) return;
      one.report = report;
      one.note = note;
      settle();
    },
    tail: (requestId) => open.find((one) => one.requestId === requestId)?.tail ?? Promise.resolve(""),
    close() {
      rest += decoder.end();
      flush();
      ended = true;
      initialised = true;
      begin();
      settle();
    },
  };
};

/** Our runtimes write a message of several lines as one, with carriage returns. */
const unfold = (text: string) => text.replace(/\r$/, "").replaceAll("\r", "\n");
