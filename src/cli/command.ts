/** What a command of the `mayfly` program is. */
export interface Command {
  /** The text of `--help`. */
  readonly help: string;
  /** The exit code; 0 when it returns nothing. */
  run(args: readonly string[]): Promise<number | undefined>;
}
export interface Verb {
  readonly summary: string;
  load(): Promise<Command>;
}

/** A mistake of the caller's, or a state they can mend: its message is all that is printed. */
export class CommandError extends Error {
  readonly exitCode: number;
  constructor(message: string, exitCode = 1) {
    super(message);
    this.exitCode = exitCode;
  }
}
