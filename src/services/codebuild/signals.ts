/** Words to builds that run in this process; a build that does not run here finds its stop in the store. */
export interface Signals {
  /** Aborted when the build is to end. Forget it when the build has ended. */
  listen(uuid: string): AbortSignal;
  forget(uuid: string): void;
  stop(uuid: string): void;
}

export const createSignals = (): Signals => {
  const listeners = new Map<string, AbortController>();
  return {
    listen(uuid) {
      const controller = listeners.get(uuid) ?? new AbortController();
      listeners.set(uuid, controller);
      return controller.signal;
    },
    forget: (uuid) => void listeners.delete(uuid),
    stop: (uuid) => listeners.get(uuid)?.abort(),
  };
};

/** So many builds at a time; the others wait in their order. */
export interface Slots {
  /** Resolves to what gives the slot back. Rejects when the signal aborts first. */
  take(signal: AbortSignal): Promise<() => void>;
}
export const createSlots = (most: number): Slots => {
  let free = most;
  const waiting: { go: () => void }[] = [];
  const giveBack = () => {
    const next = waiting.shift();
    if (next) next.go();
    else free++;
  };
  const once = () => {
    let given = false;
    return () => {
      if (!given) giveBack();
      given = true;
    };
  };
  return {
    take: (signal) =>
      new Promise((resolve, reject) => {
        if (signal.aborted) return reject(signal.reason);
        if (free > 0) {
          free--;
          return resolve(once());
        }
        const leave = () => {
          waiting.splice(waiting.indexOf(entry), 1);
          reject(signal.reason);
        };
        const entry = {
          go: () => {
            signal.removeEventListener("abort", leave);
            resolve(once());
          },
        };
        waiting.push(entry);
        signal.addEventListener("abort", leave, { once: true });
      }),
  };
};
