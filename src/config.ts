/** Every knob: flag, variable, default, one line of meaning. Nothing else reads `process.env`. */
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { type ParseArgsOptionsConfig, parseArgs } from "node:util";
import type { Settings } from "./services/service.ts";

export interface Config {
  readonly port: number;
  readonly host: string;
  /** Where everything is kept. */
  readonly data: string;
  /** Nothing outlives the process. */
  readonly memory: boolean;
  readonly auth: "on" | "off";
  readonly engine: "auto" | "sandbox" | "docker";
  /** `postgres://…`; SQLite in the data folder when absent. */
  readonly database?: string;
  readonly account: string;
  readonly settings: Settings;
}

export class ConfigError extends Error {}

/** Flags of `mayfly up`; each also as a variable: `--port` is `MAYFLY_PORT`. */
export const flags = {
  port: { type: "string" },
  host: { type: "string" },
  data: { type: "string" },
  memory: { type: "boolean" },
  auth: { type: "string" },
  engine: { type: "string" },
  database: { type: "string" },
  account: { type: "string" },
} as const satisfies ParseArgsOptionsConfig;

/**
 * Curated images → what the engine runs. `host` means this machine's own toolchains.
 * `MAYFLY_IMAGES` adds to it or replaces lines: a JSON object of the same form; a `*` at the end stands for any rest, the longest match wins.
 */
const images: Readonly<Record<string, string>> = { "aws/codebuild/*": "host", host: "host" };

export const readConfig = (args: readonly string[], environment: NodeJS.ProcessEnv = process.env): Config => {
  const { values } = parse(args);
  const knob = (name: keyof typeof flags): string | undefined => {
    const value = values[name] ?? environment[`MAYFLY_${name.toUpperCase()}`];
    return value === undefined || value === "" ? undefined : String(value);
  };
  const memory = knob("memory") !== undefined && knob("memory") !== "false";
  const auth = oneOf("auth", knob("auth") ?? "on", ["on", "off"]);
  const host = knob("host") ?? "127.0.0.1";
  if (auth === "off" && !isLoopback(host))
    throw new ConfigError(`--auth off is refused on ${host}: anybody who reaches it would be the account's root. Use --host 127.0.0.1`);
  const port = Number(knob("port") ?? "4566");
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    throw new ConfigError(`--port ${knob("port")}: expected a number from 0 to 65535`);
  const account = knob("account") ?? "123456789012";
  if (!/^\d{12}$/.test(account)) throw new ConfigError(`--account ${account}: expected twelve digits`);
  if (memory && knob("database")) throw new ConfigError("--memory and --database exclude each other");
  return {
    port,
    host,
    data: resolve(knob("data") ?? defaultData(environment)),
    memory,
    auth,
    engine: oneOf("engine", knob("engine") ?? "auto", ["auto", "sandbox", "docker"]),
    database: knob("database"),
    account,
    settings: {
      auth,
      images: { ...images, ...json("MAYFLY_IMAGES", environment) },
      smtp: environment.MAYFLY_SMTP_URL
        ? { url: environment.MAYFLY_SMTP_URL, from: environment.MAYFLY_SMTP_FROM ?? "mayfly@localhost" }
        : undefined,
      lambdaIdleSeconds: Number(environment.MAYFLY_LAMBDA_IDLE_SECONDS ?? "300"),
    },
  };
};

/** XDG's data home: where `mayfly up` keeps everything unless told otherwise. */
export const defaultData = (environment: NodeJS.ProcessEnv): string =>
  join(environment.XDG_DATA_HOME || join(environment.HOME || homedir(), ".local", "share"), "mayfly");

export const isLoopback = (host: string): boolean => host === "localhost" || host === "::1" || /^127(\.\d{1,3}){3}$/.test(host);

const parse = (args: readonly string[]) => {
  try {
    return parseArgs({ args: [...args], options: flags, strict: true, allowPositionals: false });
  } catch (error) {
    throw new ConfigError((error as Error).message);
  }
};
const oneOf = <T extends string>(name: string, value: string, allowed: readonly T[]): T => {
  if ((allowed as readonly string[]).includes(value)) return value as T;
  throw new ConfigError(`--${name} ${value}: expected ${allowed.join(" or ")}`);
};
const json = (name: string, environment: NodeJS.ProcessEnv): Record<string, string> => {
  const text = environment[name];
  if (!text) return {};
  try {
    return JSON.parse(text) as Record<string, string>;
  } catch (error) {
    throw new ConfigError(`${name} is not JSON: ${(error as Error).message}`);
  }
};
