/** How a git request names its repository, and what a client's helper may have signed for it. */
import { regions as knownRegions } from "../../lib/regions.ts";
import type { Candidates } from "./helper-password.ts";

export type GitVerb = "info/refs" | "git-upload-pack" | "git-receive-pack" | "archive" | "bundle";
export interface GitAddress {
  readonly name: string;
  readonly verb: GitVerb;
  /** When host or path says so. */
  readonly region?: string;
  /** Of `archive`. */
  readonly commit?: string;
  /** Of `bundle`. */
  readonly branch?: string;
  /** As sent, up to the repository: what `credential.useHttpPath` gives to helpers. */
  readonly base: string;
}

const pattern =
  /^((?:\/([a-z]{2,}(?:-[a-z]+)+-\d+))?\/v1\/repos\/([^/]+))\/(info\/refs|git-upload-pack|git-receive-pack|archive\/([0-9a-f]{40})\.zip|bundle\/(.+))$/;
const hostPattern = /^(?:vpce-.+\.)?git-codecommit(?:-fips)?\.([^.]+)\./;

export const hostWithoutPort = (host: string): string => host.replace(/:\d+$/, "").toLowerCase();

/** Undefined: no path of ours. */
export const readAddress = (host: string, path: string): GitAddress | undefined => {
  const match = pattern.exec(path.replace(/\/{2,}/g, "/"));
  if (!match) return undefined;
  const [, base, regionInPath, name, verb, commit, branch] = match;
  return {
    name: decoded(name).replace(/\.git$/, ""),
    verb: commit !== undefined ? "archive" : branch !== undefined ? "bundle" : (verb as GitVerb),
    region: regionInPath ?? hostPattern.exec(hostWithoutPort(host))?.[1],
    commit,
    branch: branch === undefined ? undefined : decoded(branch),
    base,
  };
};

/** A helper's password was made for one region, but does not say for which. `regions`: where a repository of that name stands. */
export const candidatesOf = (address: GitAddress, host: string, regions: readonly string[]): Candidates => {
  const plain = decoded(address.base);
  return {
    regions: address.region === undefined ? [...new Set([...regions, ...knownRegions])] : [address.region],
    // The CLI's helper leaves the port out, git-remote-codecommit keeps it.
    hosts: [...new Set([hostWithoutPort(host), host])],
    paths: [...new Set([address.base, plain, `${address.base}/`, `${plain}/`])],
  };
};

const decoded = (text: string) => {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
};
