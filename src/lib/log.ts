/** The server's own log: one line an event on standard error. Never give it a secret. */
export interface Log {
  info(message: string, fields?: Record<string, unknown>): void;
  warn(message: string, fields?: Record<string, unknown>): void;
  /** `error` is logged with its stack. */
  error(message: string, error: unknown, fields?: Record<string, unknown>): void;
  /** A log whose lines all carry this name. */
  named(name: string): Log;
}

const line = (level: string, name: string, message: string, fields?: Record<string, unknown>) =>
  `${new Date().toISOString()} ${level} ${name}: ${message}${fields ? ` ${JSON.stringify(fields)}` : ""}\n`;

export const logTo = (write: (text: string) => void, name = "mayfly"): Log => ({
  info: (message, fields) => write(line("info", name, message, fields)),
  warn: (message, fields) => write(line("warn", name, message, fields)),
  error: (message, error, fields) =>
    write(line("error", name, message, { ...fields, error: error instanceof Error ? (error.stack ?? error.message) : String(error) })),
  named: (other) => logTo(write, other),
});
