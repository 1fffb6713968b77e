/** How git on this machine reaches the server: where CodeCommit's addresses lead, and who signs in. */
import { credentialsFile, type RunningServer } from "./server.ts";

/**
 * Git configuration as key and value. The helper is plain sh: it starts no Node at each push,
 * and the secret stays in the credentials file.
 */
export const gitSettings = (
  server: Pick<RunningServer, "endpoint" | "data">,
  regions: readonly string[],
): [key: string, value: string][] => [
  ...regions.map((region): [string, string] => [
    `url.${server.endpoint}/${region}/v1/repos/.insteadOf`,
    `https://git-codecommit.${region}.amazonaws.com/v1/repos/`,
  ]),
  [`credential.${server.endpoint}.helper`, helper(credentialsFile(server.data))],
];

const helper = (file: string): string =>
  `!f() { test "$1" = get && sed -n -e 's/^aws_access_key_id *= */username=/p' -e 's/^aws_secret_access_key *= */password=/p' ${quote(file)}; }; f`;

/** A word for sh. */
export const quote = (text: string): string => (/^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`);

/** The same as variables, for one process and its children. */
export const gitVariables = (settings: readonly [string, string][]): Record<string, string> => ({
  GIT_CONFIG_COUNT: String(settings.length),
  ...Object.fromEntries(
    settings.flatMap(([key, value], i) => [
      [`GIT_CONFIG_KEY_${i}`, key],
      [`GIT_CONFIG_VALUE_${i}`, value],
    ]),
  ),
});
