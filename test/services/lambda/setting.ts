/** What Lambda's tests share: a server, a role, functions from files. */
import { CreateRoleCommand, IAMClient } from "@aws-sdk/client-iam";
import {
  type CreateFunctionCommandInput,
  CreateFunctionCommand,
  InvokeCommand,
  type InvokeCommandInput,
  LambdaClient,
} from "@aws-sdk/client-lambda";
import { buffer } from "node:stream/consumers";
import yazl from "yazl";
import { startServer, type TestServer } from "../../harness/server.ts";

export type Files = Record<string, string | Uint8Array | { text: string; mode: number }>;

export const zipOf = async (files: Files): Promise<Buffer> => {
  const zip = new yazl.ZipFile();
  for (const [path, content] of Object.entries(files)) {
    const { text, mode } = typeof content === "string" || content instanceof Uint8Array ? { text: content, mode: 0o644 } : content;
    zip.addBuffer(Buffer.from(text as string), path, { mode: 0o100000 | mode });
  }
  zip.end();
  return buffer(zip.outputStream as NodeJS.ReadableStream);
};

export interface Setting extends TestServer {
  readonly lambda: LambdaClient;
  readonly role: string;
  /** A function of these files; nodejs20.x and `index.handler` unless told. */
  make(name: string, files: Files, more?: Partial<CreateFunctionCommandInput>): Promise<void>;
  invoke(name: string, payload?: unknown, more?: Partial<InvokeCommandInput>): Promise<Invoked>;
}
export interface Invoked {
  // biome-ignore lint/suspicious/noExplicitAny: whatever the function answers
  readonly answer: any;
  readonly error?: string;
  readonly version?: string;
  readonly log: string;
}

export const roleFor = async (server: TestServer, name: string): Promise<string> => {
  const trust = {
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Principal: { Service: "lambda.amazonaws.com" }, Action: "sts:AssumeRole" }],
  };
  const { Role } = await server
    .client(IAMClient)
    .send(new CreateRoleCommand({ RoleName: name, AssumeRolePolicyDocument: JSON.stringify(trust) }));
  return Role?.Arn as string;
};

export const startSetting = async (options?: Parameters<typeof startServer>[0]): Promise<Setting> => {
  const server = await startServer(options);
  const lambda = server.client(LambdaClient, { requestHandler: { requestTimeout: 60_000 } });
  const role = await roleFor(server, "functions");
  return {
    ...server,
    lambda,
    role,
    async make(name, files, more = {}) {
      await lambda.send(
        new CreateFunctionCommand({
          FunctionName: name,
          Role: role,
          Runtime: "nodejs20.x",
          Handler: "index.handler",
          Timeout: 20,
          Code: { ZipFile: await zipOf(files) },
          ...more,
        }),
      );
    },
    async invoke(name, payload, more = {}) {
      const { Payload, FunctionError, ExecutedVersion, LogResult } = await lambda.send(
        new InvokeCommand({
          FunctionName: name,
          Payload: payload === undefined ? undefined : JSON.stringify(payload),
          LogType: "Tail",
          ...more,
        }),
      );
      const text = Buffer.from(Payload ?? []).toString();
      return {
        answer: text === "" ? undefined : JSON.parse(text),
        error: FunctionError,
        version: ExecutedVersion,
        log: Buffer.from(LogResult ?? "", "base64").toString(),
      };
    },
  };
};
