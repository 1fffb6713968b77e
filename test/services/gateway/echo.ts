/** A live gateway whose services answer what they were asked, so that both ways of every protocol are seen. */
import { Readable } from "node:stream";
import { createGateway, type Gateway } from "../../../src/gateway/gateway.ts";
import { listen } from "../../../src/gateway/listen.ts";
import type { CredentialSource } from "../../../src/gateway/credentials.ts";
import { systemClock } from "../../../src/lib/clock.ts";
import { type Log, logTo } from "../../../src/lib/log.ts";
import type { Handler } from "../../../src/protocols/operations.ts";
import type { Entry, Service } from "../../../src/services/service.ts";

export const account = "123456789012";
export const accessKeyId = "AKIAIOSFODNN7EXAMPLE";
export const secretAccessKey = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
export const session = { accessKeyId: "ASIAIOSFODNN7EXAMPLE", secretAccessKey: "session-secret", sessionToken: "token/of+the=session" };
/** A session that has ended. */
export const ended = { ...session, accessKeyId: "ASIAENDEDENDEDENDEDX" };

const credentials: CredentialSource = {
  async find(id) {
    if (id === accessKeyId)
      return { secretAccessKey, principal: { kind: "user", account, arn: `arn:aws:iam::${account}:user/me`, id: "AIDAEXAMPLE" } };
    const arn = `arn:aws:sts::${account}:assumed-role/builder/one`;
    if (id === session.accessKeyId)
      return { ...session, principal: { kind: "role", account, arn, id: "AROAEXAMPLE:one" }, expires: new Date("2099-01-01") };
    if (id === ended.accessKeyId)
      return { ...ended, principal: { kind: "role", account, arn, id: "AROAEXAMPLE:one" }, expires: new Date("2020-01-01") };
    return undefined;
  },
};

export interface Echo {
  readonly sdk: object;
  readonly entry: Omit<Entry, "load" | "name">;
  readonly handlers: Record<string, Handler>;
  readonly http?: Service["http"];
  readonly anonymous?: ReadonlySet<string>;
}
export interface Live {
  readonly endpoint: string;
  readonly gateway: Gateway;
  readonly logged: string[];
  stop(): Promise<void>;
}

export async function live(echoes: Record<string, Echo>, options: { auth?: "on" | "off"; log?: Log } = {}): Promise<Live> {
  const logged: string[] = [];
  const log = options.log ?? logTo((line) => void logged.push(line));
  const entries = Object.entries(echoes).map(
    ([name, echo]): Entry => ({ ...echo.entry, name, load: () => Promise.reject(new Error("not loaded here")) }),
  );
  let endpoint = "";
  const gateway = createGateway({
    entries,
    async service(name) {
      const { sdk, handlers, http, anonymous } = echoes[name] as Echo;
      return { operations: { sdk, handlers }, permissions: { of: () => [], ...(anonymous && { anonymous }) }, ...(http && { http }) };
    },
    credentials,
    auth: options.auth ?? "on",
    account,
    clock: systemClock,
    log,
    endpoint: () => endpoint,
  });
  const listener = await listen({
    gateway,
    port: 0,
    host: "127.0.0.1",
    log,
    extra: { "GET /_mayfly/health": async () => ({ status: 200, headers: {}, body: Readable.from(["ok"]) }) },
  });
  endpoint = `http://127.0.0.1:${listener.port}`;
  return { endpoint, gateway, logged, stop: () => listener.close() };
}

/** Client configuration for the live gateway. */
export const signedAs = (
  endpoint: string,
  credentials: { accessKeyId: string; secretAccessKey: string; sessionToken?: string | undefined } = { accessKeyId, secretAccessKey },
) => ({ endpoint, region: "eu-central-1", credentials, maxAttempts: 1 }) as const;
