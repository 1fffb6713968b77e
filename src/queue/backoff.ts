/** Milliseconds to wait after that many failed tries: doubling from 100 ms up to a minute. */
export const backoff = (attempt: number): number => Math.min(100 * 2 ** (attempt - 1), 60_000);
