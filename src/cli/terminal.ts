/** Text for people: colours only where a terminal shows them. */
const codes = { red: 31, green: 32, yellow: 33, blue: 34, bold: 1, dim: 2 } as const;
const colourful = (): boolean => !process.env.NO_COLOR && (process.stdout.isTTY === true || Boolean(process.env.FORCE_COLOR));

export const paint = (style: keyof typeof codes, text: string): string => (colourful() ? `\u001b[${codes[style]}m${text}\u001b[0m` : text);

/** `0.04 s`, `1.2 s`, `3 min 5 s`. */
export const duration = (ms: number): string => {
  if (ms < 1_000) return `${(ms / 1000).toFixed(2)} s`;
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`;
  return `${Math.floor(ms / 60_000)} min ${Math.round((ms % 60_000) / 1000)} s`;
};
