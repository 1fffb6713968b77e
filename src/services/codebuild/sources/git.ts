import { cloneRepository } from "../clone.ts";
import type { SourceCredential } from "../records.ts";
import { type Source, SourceError } from "./source.ts";

/** User names under which each kind of server takes a token. */
const tokenUsers: Record<string, string> = { BITBUCKET: "x-token-auth", GITLAB: "oauth2", GITLAB_SELF_MANAGED: "oauth2" };
const basicOf = ({ serverType, authType, username, token }: SourceCredential) =>
  `${authType === "BASIC_AUTH" && username ? username : (tokenUsers[serverType] ?? "x-access-token")}:${token}`;

/** Any repository that git reaches by http or https. */
export const git: Source = async (wanted) => {
  const { type = "", location = "", gitCloneDepth, gitSubmodulesConfig, insecureSsl, auth } = wanted.source;
  if (!/^https?:\/\//.test(location))
    throw new SourceError(`not implemented: repositories by other ways than http and https (${location})`);
  if (auth?.type) throw new SourceError(`not implemented: source.auth of type ${auth.type}; use ImportSourceCredentials`);
  const credential = await wanted.credential(type);
  const { id, told } = await cloneRepository({
    url: location,
    folder: wanted.folder,
    version: wanted.version,
    depth: gitCloneDepth ?? 0,
    submodules: gitSubmodulesConfig?.fetchSubmodules ?? false,
    insecure: insecureSsl,
    authorization: credential && { address: `${new URL(location).origin}/`, basic: basicOf(credential) },
    signal: wanted.signal,
  });
  return { resolved: id, commit: told, repositoryUrl: location };
};
