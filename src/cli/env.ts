import { chmod, mkdir, readFile, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { regions } from "../lib/regions.ts";
import { gitSettings, gitVariables, quote } from "./git.ts";
import { replaceSections } from "./ini.ts";
import { dataFolder, findServer, parseFlags, type RunningServer, regionOf } from "./server.ts";

export const help = `Usage: mayfly env [--data DIR] [--region REGION] [--write-profile]

Prints shell lines that point the aws CLI, the AWS SDKs and git at the running server:

  eval "$(mayfly env)"

git's part stands in GIT_CONFIG_* variables: https://git-codecommit.REGION.amazonaws.com
leads to the server, and a credential helper signs in with the keys of DATA/credentials.

--write-profile writes the profile "mayfly" to the AWS configuration files instead,
so that "aws --profile mayfly ..." reaches the server (aws CLI 2.13 or newer knows endpoint_url).
`;

export const run = async (args: readonly string[]): Promise<number> => {
  const values = parseFlags(args, { region: { type: "string" }, "write-profile": { type: "boolean" } });
  const server = await findServer(dataFolder(values.data));
  const region = String(values.region ?? regionOf());
  if (values["write-profile"]) await writeProfile(server, region);
  else process.stdout.write(shellLines(server, region));
  return 0;
};

const shellLines = (server: RunningServer, region: string): string =>
  [
    `export AWS_ENDPOINT_URL=${quote(server.endpoint)}`,
    `export AWS_ACCESS_KEY_ID=${quote(server.credentials.accessKeyId)}`,
    `export AWS_SECRET_ACCESS_KEY=${quote(server.credentials.secretAccessKey)}`,
    "unset AWS_SESSION_TOKEN AWS_PROFILE",
    `export AWS_REGION=${quote(region)} AWS_DEFAULT_REGION=${quote(region)}`,
    ...Object.entries(gitVariables(gitSettings(server, regions))).map(([name, value]) => `export ${name}=${quote(value)}`),
    "",
  ].join("\n");

const writeProfile = async (server: RunningServer, region: string): Promise<void> => {
  const config = process.env.AWS_CONFIG_FILE ?? join(homedir(), ".aws", "config");
  const credentials = process.env.AWS_SHARED_CREDENTIALS_FILE ?? join(homedir(), ".aws", "credentials");
  await writeSection(config, "profile mayfly", { region, endpoint_url: server.endpoint });
  await writeSection(credentials, "mayfly", {
    aws_access_key_id: server.credentials.accessKeyId,
    aws_secret_access_key: server.credentials.secretAccessKey,
  });
  process.stdout.write(`wrote the profile mayfly to ${config} and ${credentials}\n`);
};

const writeSection = async (file: string, section: string, values: Record<string, string>): Promise<void> => {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  const text = await readFile(file, "utf8").catch(() => "");
  await writeFile(file, replaceSections(text, section, values), { mode: 0o600 });
  await chmod(file, 0o600);
};
