/** Runs work of one name one after another; different names do not wait for each other. */
export const inTurn = (): (<R>(name: string, work: () => Promise<R>) => Promise<R>) => {
  const last = new Map<string, Promise<unknown>>();
  return (name, work) => {
    const mine = (last.get(name) ?? Promise.resolve()).then(work, work);
    last.set(name, mine);
    const done = () => {
      if (last.get(name) === mine) last.delete(name);
    };
    mine.then(done, done);
    return mine;
  };
};
