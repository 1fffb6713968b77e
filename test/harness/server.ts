/** A whole server in this process, with the official clients aimed at it. */
import { assemble } from "../../src/assemble.ts";
import { readConfig } from "../../src/config.ts";
import { logTo } from "../../src/lib/log.ts";

export interface TestServer {
  readonly endpoint: string;
  readonly region: string;
  readonly account: string;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
  /** What a client of any kind is made with. */
  readonly config: { endpoint: string; region: string; credentials: TestServer["credentials"]; maxAttempts: number };
  /** An official client, ended with the server. */
  // biome-ignore lint/suspicious/noExplicitAny: each client class has its own configuration type
  client<C extends { destroy(): void }>(of: new (config: any) => C, more?: object): C;
  /** Variables for `aws`, git and other programs; the CLI also needs `--endpoint-url` where it is older than 2.13. */
  readonly environment: Record<string, string>;
  /** Everything the server logged. */
  log(): string;
  /** Resolves when no task is due and none runs. */
  idle(): Promise<void>;
  stop(): Promise<void>;
}

/** On an in-memory store unless `data` names a folder. The port is free, the address loopback. */
export const startServer = async (options: { auth?: "on" | "off"; data?: string; args?: string[] } = {}): Promise<TestServer> => {
  let logged = "";
  const log = logTo((text) => {
    logged += text;
    if (process.env.MAYFLY_TEST_LOG) process.stderr.write(text);
  });
  const where = options.data ? ["--data", options.data] : ["--memory"];
  const config = readConfig(["--port", "0", ...where, "--auth", options.auth ?? "on", ...(options.args ?? [])], {});
  const server = await assemble(config, log);
  const clients: { destroy(): void }[] = [];
  const region = "us-east-1";
  const shared = { endpoint: server.endpoint, region, credentials: server.credentials, maxAttempts: 1 };
  return {
    endpoint: server.endpoint,
    region,
    account: config.account,
    credentials: server.credentials,
    config: shared,
    client: (of, more = {}) => {
      const client = new of({ ...shared, ...(of.name === "S3Client" ? { forcePathStyle: true } : {}), ...more });
      clients.push(client);
      return client;
    },
    environment: {
      PATH: process.env.PATH ?? "",
      HOME: process.env.HOME ?? "/",
      AWS_ENDPOINT_URL: server.endpoint,
      AWS_ACCESS_KEY_ID: server.credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: server.credentials.secretAccessKey,
      AWS_REGION: region,
      AWS_DEFAULT_REGION: region,
      AWS_EC2_METADATA_DISABLED: "true",
      AWS_CONFIG_FILE: "/dev/null",
      AWS_SHARED_CREDENTIALS_FILE: "/dev/null",
    },
    log: () => logged,
    idle: () => server.idle(),
    stop: async () => {
      for (const client of clients) client.destroy();
      await server.stop();
    },
  };
};
