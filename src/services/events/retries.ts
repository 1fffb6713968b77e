/** Whether an answer may be another one later: a 4xx says that it will not, save "too many"; nor will "not implemented". */
export const worthRetrying = (status: number | undefined): boolean =>
  status === undefined || status === 429 || (status >= 500 && status !== 501);

/** After so many tries: 1, 2, 4 … at most 300 seconds. */
export const pauseSeconds = (tries: number): number => Math.min(300, 2 ** Math.min(tries - 1, 20));
