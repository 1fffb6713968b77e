/** A build's output taken apart into lines and marks: pure. */

export type Item =
  | { readonly kind: "line"; readonly text: string; readonly end: number }
  | { readonly kind: "mark"; readonly words: readonly string[]; readonly uptime: number; readonly end: number };

/** A line in CloudWatch Logs has at most 256 KB. */
const longestLine = 200 * 1024;

export const createOutput = (nonce: string) => {
  const prefix = Buffer.from(`\x1e${nonce} `);
  let rest: Buffer = Buffer.alloc(0);
  /** Bytes of the whole output before `rest`. */
  let at = 0;
  const take = (length: number) => {
    const taken = rest.subarray(0, length);
    rest = rest.subarray(length);
    at += length;
    return taken;
  };
  const lineOf = (bytes: Buffer): Item => ({ kind: "line", text: bytes.toString().replace(/\r?\n?$/, ""), end: at });

  return {
    push(bytes: Uint8Array): Item[] {
      rest = rest.length === 0 ? Buffer.from(bytes) : Buffer.concat([rest, bytes]);
      const items: Item[] = [];
      for (;;) {
        const newline = rest.indexOf(10);
        const mark = rest.indexOf(prefix);
        if (mark >= 0 && (newline < 0 || mark < newline)) {
          const close = rest.indexOf(0x1e, mark + 1);
          if (close < 0) break;
          if (mark > 0) items.push(lineOf(take(mark)));
          const [uptime = "0", ...words] = take(close + 1 - mark)
            .subarray(prefix.length, -1)
            .toString()
            .split(" ");
          items.push({ kind: "mark", words, uptime: Number(uptime), end: at });
        } else if (newline >= 0) items.push(lineOf(take(newline + 1)));
        else if (rest.length > longestLine) items.push(lineOf(take(longestLine)));
        else break;
      }
      return items;
    },
    /** What stands behind the last end of line. */
    end: (): Item[] => (rest.length > 0 ? [lineOf(take(rest.length))] : []),
  };
};
