/** Reading a file that still grows: woken by the kernel, never by a timer. */
import { type FSWatcher, watch } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import type { LogChunk } from "../engine.ts";

const chunkBytes = 256 * 1024;

/** All bytes of the file from that offset, until `ended` has resolved and everything is read. */
export const follow = (file: string, after: number, ended: Promise<unknown>): AsyncIterable<LogChunk> => ({
  [Symbol.asyncIterator]: () => {
    let offset = after;
    let over = false;
    let left = false;
    let handle: FileHandle | undefined;
    let watcher: FSWatcher | undefined;
    let wake = () => {};
    let changed = true;
    const notice = () => {
      changed = true;
      wake();
    };
    const endNoticed = ended
      .catch(() => {})
      .then(() => {
        over = true;
        notice();
      });
    const close = async () => {
      left = true;
      watcher?.close();
      await handle?.close().catch(() => {});
      handle = undefined;
      notice();
      return { done: true as const, value: undefined };
    };
    return {
      async next(): Promise<IteratorResult<LogChunk>> {
        if (left) return { done: true, value: undefined };
        if (!handle) {
          // Whether it is over is known before the first read, so that a finished file is not watched at all.
          await Promise.race([endNoticed, new Promise((resolve) => setImmediate(resolve))]);
          handle = await open(file, "r");
          if (!over) watcher = watch(file, { persistent: false }, notice);
        }
        for (;;) {
          const last = over;
          changed = false;
          const { bytesRead, buffer } = await handle.read(Buffer.allocUnsafe(chunkBytes), 0, chunkBytes, offset);
          if (left) return close();
          if (bytesRead > 0) {
            const chunk = { offset, bytes: buffer.subarray(0, bytesRead) };
            offset += bytesRead;
            return { done: false, value: chunk };
          }
          if (last) return close();
          if (!changed) await new Promise<void>((resolve) => (wake = resolve));
          if (left) return close();
        }
      },
      return: close,
    };
  },
});
