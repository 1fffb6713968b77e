/**
 * Operations that end at once are answered when they have ended: official clients look first right after the call
 * and then only every thirty seconds. Known to this process only; nothing depends on it.
 */
export interface Ends {
  /** Resolves when an operation of the stack ends, or after that long. Ask before the operation begins. */
  soon(uuid: string, milliseconds: number): Promise<void>;
  over(uuid: string): void;
}

export const ends = (): Ends => {
  const waiting = new Map<string, Set<() => void>>();
  return {
    soon: (uuid, milliseconds) =>
      new Promise((resolve) => {
        const all = waiting.get(uuid) ?? new Set();
        waiting.set(uuid, all);
        const end = () => {
          clearTimeout(timer);
          all.delete(end);
          if (all.size === 0) waiting.delete(uuid);
          resolve();
        };
        const timer = setTimeout(end, milliseconds).unref();
        all.add(end);
      }),
    over(uuid) {
      for (const end of [...(waiting.get(uuid) ?? [])]) end();
    },
  };
};
