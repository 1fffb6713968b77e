/** The lines Lambda itself writes into a function's log: pure. */

export interface Report {
  readonly requestId: string;
  readonly durationMs: number;
  readonly memoryMb: number;
  /** Absent where the runtime does not tell. */
  readonly usedMb?: number;
  /** Only of the first invocation of an instance. */
  readonly initMs?: number;
  readonly status?: "timeout" | "error";
  readonly errorType?: string;
}

const ms = (value: number) => value.toFixed(2);

export const initLine = (version: string) => `INIT_START Runtime Version: ${version}`;
export const initTimeoutLine = (durationMs: number) => `INIT_REPORT Init Duration: ${ms(durationMs)} ms\tPhase: init\tStatus: timeout`;
export const startLine = (requestId: string, version: string) => `START RequestId: ${requestId} Version: ${version}`;
export const endLine = (requestId: string) => `END RequestId: ${requestId}`;
export const reportLine = (report: Report): string =>
  [
    `REPORT RequestId: ${report.requestId}`,
    `Duration: ${ms(report.durationMs)} ms`,
    `Billed Duration: ${Math.ceil(report.durationMs)} ms`,
    `Memory Size: ${report.memoryMb} MB`,
    ...(report.usedMb === undefined ? [] : [`Max Memory Used: ${report.usedMb} MB`]),
    ...(report.initMs === undefined ? [] : [`Init Duration: ${ms(report.initMs)} ms`]),
    ...(report.status === undefined ? [] : [`Status: ${report.status}`]),
    ...(report.errorType === undefined ? [] : [`Error Type: ${report.errorType}`]),
    "",
  ].join("\t");

export const timeoutText = (seconds: number) => `Task timed out after ${seconds.toFixed(2)} seconds`;

/** One stream an instance: the day it began, the version it runs, a name nobody else has. */
export const streamName = (began: Date, version: string, unique: string): string =>
  `${began.toISOString().slice(0, 10).replaceAll("-", "/")}/[${version}]${unique}`;

/** Why an instance's process is no more, in AWS's words. */
export const exitText = (exit: { code: number } | { lost: string }): { errorType: string; text: string } => {
  if ("code" in exit) {
    if (exit.code === 0) return { errorType: "Runtime.ExitError", text: "Runtime exited without providing a reason" };
    const signal = signals[exit.code - 128];
    return {
      errorType: "Runtime.ExitError",
      text: `Runtime exited with error: ${signal ? `signal: ${signal}` : `exit status ${exit.code}`}`,
    };
  }
  if (exit.lost === "out-of-memory") return { errorType: "Runtime.OutOfMemory", text: "Runtime exited with error: signal: killed" };
  return { errorType: "Runtime.ExitError", text: `Runtime exited with error: ${exit.lost}` };
};
const signals: Record<number, string> = {
  4: "illegal instruction",
  6: "aborted",
  9: "killed",
  11: "segmentation fault",
  13: "broken pipe",
  15: "terminated",
};
