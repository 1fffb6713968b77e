/** The variables that a function sees: pure. */
import type { Credentials } from "./roles.ts";
import type { Version } from "./records.ts";
import { runtimeRoot, type Start, taskRoot } from "./runtimes/runtime.ts";

export interface Surroundings {
  readonly region: string;
  readonly endpoint: string;
  /** `127.0.0.1:4000/secret`. */
  readonly runtimeApi: string;
  readonly logStream: string;
  readonly credentials: Credentials;
}

export const environmentOf = ({ name, version, configuration }: Version, start: Start, around: Surroundings): Record<string, string> => ({
  PATH: "/var/lang/bin:/usr/local/bin:/usr/bin:/bin:/opt/bin",
  LD_LIBRARY_PATH: "/var/lang/lib:/var/task:/var/task/lib:/opt/lib",
  LANG: "C.UTF-8",
  TZ: ":UTC",
  // Newer SDKs and the CLI find us by it.
  AWS_ENDPOINT_URL: around.endpoint,
  LAMBDA_RUNTIME_DIR: runtimeRoot,
  ...start.environment,
  ...configuration.environment,
  LAMBDA_TASK_ROOT: taskRoot,
  _HANDLER: configuration.handler,
  AWS_REGION: around.region,
  AWS_DEFAULT_REGION: around.region,
  AWS_ACCESS_KEY_ID: around.credentials.accessKeyId,
  AWS_SECRET_ACCESS_KEY: around.credentials.secretAccessKey,
  AWS_SESSION_TOKEN: around.credentials.sessionToken,
  AWS_LAMBDA_RUNTIME_API: around.runtimeApi,
  AWS_LAMBDA_FUNCTION_NAME: name,
  AWS_LAMBDA_FUNCTION_VERSION: version,
  AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(configuration.memorySize),
  AWS_LAMBDA_INITIALIZATION_TYPE: "on-demand",
  AWS_LAMBDA_LOG_GROUP_NAME: configuration.logGroup,
  AWS_LAMBDA_LOG_STREAM_NAME: around.logStream,
  ...(configuration.runtime.startsWith("provided") ? {} : { AWS_EXECUTION_ENV: `AWS_Lambda_${configuration.runtime}` }),
});
