/** A cache of so many things; the one not asked for the longest goes first. */
export function recent<K, V>(most: number): { get(key: K, make: () => V): V; readonly size: number } {
  const held = new Map<K, V>();
  return {
    get(key, make) {
      let value = held.get(key);
      if (value === undefined) value = make();
      else held.delete(key);
      held.set(key, value);
      if (held.size > most) held.delete(held.keys().next().value as K);
      return value;
    },
    get size() {
      return held.size;
    },
  };
}
