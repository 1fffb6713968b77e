/** The running server, as the commands find it: by the files it keeps in its data folder. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { defaultData } from "../config.ts";
import { CommandError } from "./command.ts";

export const credentialsFile = (data: string): string => join(data, "credentials");
export const serverFile = (data: string): string => join(data, "server.json");

export interface RunningServer {
  readonly data: string;
  readonly endpoint: string;
  readonly account: string;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
}

/** Throws `CommandError` when none runs on that data folder. */
export const findServer = async (data: string): Promise<RunningServer> => {
  if (!existsSync(serverFile(data))) throw new CommandError(`no server runs on ${data}; start one with: mayfly up`);
  const { endpoint, account } = JSON.parse(readFileSync(serverFile(data), "utf8"));
  const health = await fetch(`${endpoint}/_mayfly/health`).catch(() => undefined);
  if (!health?.ok) throw new CommandError(`the server of ${data} does not answer at ${endpoint}; start it with: mayfly up`);
  return { data, endpoint, account, credentials: readCredentials(data) };
};

export const readCredentials = (data: string): RunningServer["credentials"] => {
  const text = readFileSync(credentialsFile(data), "utf8");
  const value = (name: string) => new RegExp(`^${name}\\s*=\\s*(\\S+)`, "m").exec(text)?.[1] ?? "";
  return { accessKeyId: value("aws_access_key_id"), secretAccessKey: value("aws_secret_access_key") };
};

/** What every client of ours is made with. */
export const clientConfig = (server: Pick<RunningServer, "endpoint" | "credentials">, region: string) => ({
  endpoint: server.endpoint,
  region,
  credentials: server.credentials,
  maxAttempts: 1,
});

/** The region that the machine's user means, as the aws CLI would say. */
export const regionOf = (environment: NodeJS.ProcessEnv = process.env): string =>
  environment.AWS_REGION || environment.AWS_DEFAULT_REGION || "us-east-1";

/** `--data DIR` of a command, beside its other options. */
export const dataFolder = (value: unknown): string =>
  typeof value === "string" ? value : (process.env.MAYFLY_DATA ?? defaultData(process.env));

export const parseFlags = <T extends NonNullable<Parameters<typeof parseArgs>[0]>["options"]>(
  args: readonly string[],
  options: T,
): Record<string, string | boolean | undefined> => {
  try {
    return parseArgs({ args: [...args], options: { data: { type: "string" }, ...options }, strict: true }).values as Record<
      string,
      string | boolean | undefined
    >;
  } catch (error) {
    throw new CommandError((error as Error).message, 2);
  }
};
