/** The time, as one thing that tests can hold still. */
export interface Clock {
  now(): Date;
}
export const systemClock: Clock = { now: () => new Date() };
