/** A build's log as AWS writes it: pure. */
import type { Status } from "./phases.ts";

/** `2026/11/23 20:00:00.000000`, in UTC. */
export const containerTime = (ms: number): string => {
  const text = new Date(ms).toISOString();
  return `${text.slice(0, 10).replaceAll("-", "/")} ${text.slice(11, 23)}000`;
};
export const containerLine = (ms: number, text: string): string => `[Container] ${containerTime(ms)} ${text}`;

export const phaseComplete = (type: string, status: Status, context?: { statusCode: string; message: string }): string[] => [
  `Phase complete: ${type} State: ${status}`,
  `Phase context status code: ${context?.statusCode ?? ""} Message: ${context?.message ?? ""}`,
];

/** Shorter ones would blot out the log without hiding anything. */
const shortestSecret = 3;

/** Shows secrets as ***. Those of several lines are hidden line by line, as logs have no others. */
export const createMask = (secrets: readonly string[]): ((line: string) => string) => {
  const parts = [...new Set(secrets.flatMap((secret) => [secret, ...secret.split(/\r?\n/)]))]
    .filter((part) => part.trim().length >= shortestSecret)
    .sort((a, b) => b.length - a.length);
  if (parts.length === 0) return (line) => line;
  const pattern = new RegExp(parts.map((part) => part.replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&")).join("|"), "g");
  return (line) => line.replace(pattern, "***");
};
