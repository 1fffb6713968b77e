/** Which of this machine's toolchains a build gets for the `runtime-versions` it asks for. */
import { readdir, readFile, realpath } from "node:fs/promises";
import { join } from "node:path";

export interface Jdk {
  readonly home: string;
  readonly major: number;
}
export interface Chosen {
  readonly environment: Readonly<Record<string, string>>;
  /** Put before everything else on PATH. */
  readonly path: readonly string[];
  /** Lines for the log. */
  readonly lines: readonly string[];
}
export class RuntimeMissing extends Error {}

const known = ["android", "docker", "dotnet", "golang", "java", "nodejs", "php", "python", "ruby", "rust"];

/** Pure. `requested` as the buildspec has it: `corretto17`, `openjdk8`, `17`, `20.x`, `latest`. */
export const chooseToolchains = (requested: Readonly<Record<string, string>>, jdks: readonly Jdk[]): Chosen => {
  const environment: Record<string, string> = {};
  const path: string[] = [];
  const lines: string[] = [];
  for (const [name, version] of Object.entries(requested)) {
    if (!known.includes(name))
      throw new RuntimeMissing(`Unknown runtime named '${name}'. This build image has the following runtimes: ${known.join(", ")}`);
    if (name !== "java") {
      lines.push(`Using the ${name} of this machine for the requested version ${version}.`);
      continue;
    }
    const sorted = [...jdks].sort((a, b) => b.major - a.major);
    const major = Number(/(\d+)(?:\.\d+|\.x)*$/.exec(version)?.[1]);
    const found = version === "latest" ? sorted[0] : sorted.find((jdk) => jdk.major === major);
    if (!found)
      throw new RuntimeMissing(
        `Unknown runtime version named '${version}' of java. This build image has the following versions: ${sorted.map((jdk) => `corretto${jdk.major}`).join(", ") || "none"}`,
      );
    environment.JAVA_HOME = found.home;
    path.push(`${found.home}/bin`);
    lines.push(`Selecting 'java' runtime version '${version}' based on manual selections: ${found.home}`);
  }
  return { environment, path, lines };
};

/** The JDKs that containers see too. */
export const findJdks = async (folder = "/usr/lib/jvm"): Promise<Jdk[]> => {
  const found = new Map<string, Jdk>();
  for (const name of await readdir(folder).catch(() => [])) {
    const release = await readFile(join(folder, name, "release"), "utf8").catch(() => "");
    const version = /^JAVA_VERSION="(?:1\.)?(\d+)/m.exec(release)?.[1];
    const home = await realpath(join(folder, name)).catch(() => undefined);
    if (version && home) found.set(home, { home, major: Number(version) });
  }
  return [...found.values()];
};
