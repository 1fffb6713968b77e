/** A buildspec read and checked: pure. What it does not understand it refuses, with line and key. */
import { isMap, isScalar, isSeq, LineCounter, type Node, type Pair, parseDocument, type Scalar, type YAMLMap } from "yaml";

export const phaseNames = ["install", "pre_build", "build", "post_build"] as const;
export type PhaseName = (typeof phaseNames)[number];

export interface PhaseSpec {
  readonly runAs?: string;
  readonly onFailure?: "ABORT" | "CONTINUE";
  readonly commands: readonly string[];
  readonly finally: readonly string[];
}
export interface ArtifactSpec {
  readonly files: readonly string[];
  /** A shell expression. */
  readonly name?: string;
  readonly discardPaths: boolean;
  readonly baseDirectory?: string;
  readonly excludePaths: readonly string[];
  readonly enableSymlinks: boolean;
  readonly s3Prefix?: string;
}
export interface CacheSpec {
  readonly paths: readonly string[];
  /** A shell expression. */
  readonly key?: string;
  readonly fallbackKeys: readonly string[];
  readonly restore: boolean;
  readonly save: boolean;
}
export interface Buildspec {
  /** In 0.1 every command has a shell of its own. */
  readonly version: "0.1" | "0.2";
  readonly shell: "/bin/sh" | "bash";
  readonly runAs?: string;
  readonly variables: Readonly<Record<string, string>>;
  readonly parameterStore: Readonly<Record<string, string>>;
  readonly secretsManager: Readonly<Record<string, string>>;
  readonly exportedVariables: readonly string[];
  readonly runtimeVersions: Readonly<Record<string, string>>;
  readonly phases: Readonly<Partial<Record<PhaseName, PhaseSpec>>>;
  readonly artifacts?: ArtifactSpec;
  readonly secondaryArtifacts: Readonly<Record<string, ArtifactSpec>>;
  readonly cache?: CacheSpec;
  /** Keys that are not known and change nothing. */
  readonly ignored: readonly string[];
}

export class BuildspecError extends Error {}

type Entries = Map<string, { key: Scalar; value: Node | null }>;

export const parseBuildspec = (text: string): Buildspec => {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: true });
  const lineOf = (node: { range?: readonly number[] | null } | null | undefined) => lines.linePos(node?.range?.[0] ?? 0).line;
  const fail = (message: string, node?: { range?: readonly number[] | null } | null): never => {
    throw new BuildspecError(node ? `${message} at line ${lineOf(node)}` : message);
  };
  const [problem] = document.errors;
  if (problem)
    throw new BuildspecError(`yaml: line ${lines.linePos(problem.pos[0]).line}: ${problem.message.replace(/ at line \d+.*$/s, "")}`);

  const resolve = (node: unknown): Node | null => {
    const found = (node as { type?: string; source?: string } | null) ?? null;
    if (found && "source" in found && "resolve" in found)
      return (found as unknown as { resolve(doc: unknown): Node | undefined }).resolve(document) ?? null;
    return found as Node | null;
  };
  const entriesOf = (given: unknown, path: string): Entries => {
    const node = resolve(given);
    if (node === null || (isScalar(node) && node.value === null)) return new Map();
    if (!isMap(node)) return fail(`${path} must be a mapping`, node as Node);
    const found: Entries = new Map();
    for (const pair of (node as YAMLMap).items as Pair[]) {
      const key = pair.key as Scalar;
      if (!isScalar(key)) fail(`${path} has a key that is no text`, key as Node);
      if (key.value === "<<") for (const [name, entry] of entriesOf(pair.value, path)) found.set(name, entry);
      else found.set(String(key.source ?? key.value), { key, value: resolve(pair.value) });
    }
    return found;
  };
  /** As written: `1.0` stays "1.0", and `yes` is what the author typed. */
  const textOf = (node: Node | null, path: string, near: Scalar): string => {
    if (node === null || !isScalar(node) || node.value === null) return fail(`${path} must be a text`, node ?? near);
    return typeof node.value === "string" ? node.value : String(node.source ?? node.value);
  };
  const flagOf = (node: Node | null, path: string, near: Scalar): boolean => {
    const word = textOf(node, path, near).toLowerCase();
    if (["yes", "true", "on"].includes(word)) return true;
    if (["no", "false", "off"].includes(word)) return false;
    return fail(`${path} must be yes or no`, node ?? near);
  };
  const listOf = (node: Node | null, path: string, near: Scalar): string[] => {
    if (node === null || (isScalar(node) && node.value === null)) return [];
    if (isScalar(node)) return [textOf(node, path, near)];
    if (!isSeq(node)) return fail(`${path} must be a list`, node);
    return node.items.map((item, index) => {
      const resolved = resolve(item);
      if (isMap(resolved) || isSeq(resolved)) {
        const line = lineOf(resolved);
        throw new BuildspecError(
          `Expected ${path}[${index}] to be of string type: found subkeys instead at line ${line}, value of the key tag on line ${line} might be empty`,
        );
      }
      if (resolved === null || (isScalar(resolved) && resolved.value === null)) fail(`${path}[${index}] is empty`, resolved ?? node);
      return textOf(resolved, `${path}[${index}]`, near);
    });
  };
  const textsOf = (node: Node | null, path: string): Record<string, string> =>
    Object.fromEntries(
      [...entriesOf(node, path)].map(([name, { key, value }]) => [
        name,
        isScalar(value) && value.value === null ? "" : textOf(value, `${path}.${name}`, key),
      ]),
    );
  const known = (entries: Entries, names: readonly string[], path: string) => {
    for (const [name, { key }] of entries)
      if (!names.includes(name)) fail(`Unknown key ${path}.${name} (known are ${names.join(", ")})`, key);
  };
  const optional = <T>(
    entries: Entries,
    name: string,
    path: string,
    read: (node: Node | null, path: string, near: Scalar) => T,
  ): T | undefined => {
    const entry = entries.get(name);
    return entry && read(entry.value, `${path}.${name}`, entry.key);
  };

  const top = entriesOf(document.contents, "the buildspec");
  if (top.size === 0) fail("the buildspec is empty");
  const versionEntry = top.get("version");
  const version = versionEntry ? textOf(versionEntry.value, "version", versionEntry.key) : fail("missing version");
  if (version !== "0.1" && version !== "0.2") fail(`invalid buildspec version ${version}: 0.1 and 0.2 are known`, versionEntry?.key);
  for (const name of ["batch", "reports"]) if (top.has(name)) fail(`not implemented: ${name}`, top.get(name)?.key);

  const env = entriesOf(top.get("env")?.value ?? null, "env");
  known(env, ["shell", "variables", "parameter-store", "secrets-manager", "exported-variables", "git-credential-helper"], "env");
  optional(env, "git-credential-helper", "env", flagOf);
  const shell = optional(env, "shell", "env", textOf) ?? "/bin/sh";
  if (!["/bin/sh", "sh", "bash", "/bin/bash"].includes(shell))
    fail(`env.shell ${shell} is not supported: bash or /bin/sh`, env.get("shell")?.key);
  const plain = textsOf(
    entriesOf(top.get("environment_variables")?.value ?? null, "environment_variables").get("plaintext")?.value ?? null,
    "environment_variables.plaintext",
  );
  const variables = { ...plain, ...textsOf(env.get("variables")?.value ?? null, "env.variables") };

  const phasesEntry = top.get("phases");
  if (!phasesEntry) fail("missing phases");
  const phases: Partial<Record<PhaseName, PhaseSpec>> = {};
  let runtimeVersions: Record<string, string> = {};
  for (const [name, { key, value }] of entriesOf(phasesEntry?.value ?? null, "phases")) {
    if (!(phaseNames as readonly string[]).includes(name)) fail(`Unknown phase ${name} (known are ${phaseNames.join(", ")})`, key);
    const path = `phases.${name}`;
    const phase = entriesOf(value, path);
    known(phase, ["run-as", "on-failure", "commands", "finally", "runtime-versions"], path);
    if (phase.has("runtime-versions")) {
      if (name !== "install") fail(`${path}.runtime-versions: only the install phase selects runtimes`, phase.get("runtime-versions")?.key);
      runtimeVersions = textsOf(phase.get("runtime-versions")?.value ?? null, `${path}.runtime-versions`);
    }
    const onFailure = optional(phase, "on-failure", path, textOf);
    if (onFailure?.startsWith("RETRY")) fail(`not implemented: ${path}.on-failure ${onFailure}`, phase.get("on-failure")?.key);
    if (onFailure !== undefined && onFailure !== "ABORT" && onFailure !== "CONTINUE")
      fail(`${path}.on-failure must be ABORT or CONTINUE, not ${onFailure}`, phase.get("on-failure")?.key);
    phases[name as PhaseName] = {
      runAs: optional(phase, "run-as", path, textOf),
      onFailure: onFailure as PhaseSpec["onFailure"],
      commands: optional(phase, "commands", path, listOf) ?? [],
      finally: optional(phase, "finally", path, listOf) ?? [],
    };
  }

  const artifactOf = (entries: Entries, path: string, near: Node): ArtifactSpec => {
    const files = optional(entries, "files", path, listOf);
    if (files === undefined) fail(`${path}.files is missing`, near);
    return {
      files: files ?? [],
      name: optional(entries, "name", path, textOf),
      discardPaths: optional(entries, "discard-paths", path, flagOf) ?? false,
      baseDirectory: optional(entries, "base-directory", path, textOf),
      excludePaths: optional(entries, "exclude-paths", path, listOf) ?? [],
      enableSymlinks: optional(entries, "enable-symlinks", path, flagOf) ?? false,
      s3Prefix: optional(entries, "s3-prefix", path, textOf),
    };
  };
  const artifactsEntry = top.get("artifacts");
  const artifacts = entriesOf(artifactsEntry?.value ?? null, "artifacts");
  const secondary = Object.fromEntries(
    [...entriesOf(artifacts.get("secondary-artifacts")?.value ?? null, "artifacts.secondary-artifacts")].map(([name, { key, value }]) => {
      const path = `artifacts.secondary-artifacts.${name}`;
      return [name, artifactOf(entriesOf(value, path), path, key)];
    }),
  );

  const cache = entriesOf(top.get("cache")?.value ?? null, "cache");
  known(cache, ["paths", "key", "fallback-keys", "action"], "cache");
  const action = optional(cache, "action", "cache", textOf);
  if (action !== undefined && action !== "restore" && action !== "save")
    fail(`cache.action must be restore or save, not ${action}`, cache.get("action")?.key);

  return {
    version: version as Buildspec["version"],
    shell: shell.endsWith("bash") ? "bash" : "/bin/sh",
    runAs: optional(top, "run-as", "the buildspec", textOf),
    variables,
    parameterStore: textsOf(env.get("parameter-store")?.value ?? null, "env.parameter-store"),
    secretsManager: textsOf(env.get("secrets-manager")?.value ?? null, "env.secrets-manager"),
    exportedVariables: optional(env, "exported-variables", "env", listOf) ?? [],
    runtimeVersions,
    phases,
    // An artifacts block that has only secondary ones is refused by AWS too.
    artifacts: artifacts.size > 0 ? artifactOf(artifacts, "artifacts", artifactsEntry?.key as Node) : undefined,
    secondaryArtifacts: secondary,
    cache:
      cache.size > 0
        ? {
            paths: optional(cache, "paths", "cache", listOf) ?? [],
            key: optional(cache, "key", "cache", textOf),
            fallbackKeys: optional(cache, "fallback-keys", "cache", listOf) ?? [],
            restore: action !== "save",
            save: action !== "restore",
          }
        : undefined,
    ignored: [...top.keys()].filter((name) => !topKeys.includes(name)),
  };
};

const topKeys = ["version", "run-as", "env", "environment_variables", "proxy", "phases", "artifacts", "cache"];
