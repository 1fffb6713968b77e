/** Runs work of one name one after another; different names do not wait for each other. */
export interface InTurn {
  <R>(name: string, work: () => Promise<R>): Promise<R>;
  /** When nothing runs or waits any more. */
  settled(): Promise<void>;
}

export const inTurn = (): InTurn => {
  const last = new Map<string, Promise<unknown>>();
  const run = <R>(name: string, work: () => Promise<R>): Promise<R> => {
    const mine = (last.get(name) ?? Promise.resolve()).then(work, work);
    last.set(name, mine);
    const done = () => {
      if (last.get(name) === mine) last.delete(name);
    };
    mine.then(done, done);
    return mine;
  };
  const settled = async () => {
    while (last.size > 0) await Promise.allSettled(last.values());
  };
  return Object.assign(run, { settled });
};
