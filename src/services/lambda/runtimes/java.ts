import { execFile } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { type Runtime, RuntimeMissing, runtimeRoot, taskRoot } from "./runtime.ts";
import { findTools, nearest, seen, type Tool } from "./toolchains.ts";

const sources = fileURLToPath(new URL("java", import.meta.url));
const places = ["/usr/lib/jvm/*/bin/java", "/usr/bin/java", "/opt/*/bin/java"];

/** Newer JDKs run older code; older ones do not run newer code. */
const javaFor = async (runtime: string): Promise<Tool> => {
  const major = Number(/\d+/.exec(runtime)?.[0]);
  const found = nearest(await findTools(places), [major], false);
  if (!found)
    throw new RuntimeMissing(
      `${runtime} needs Java ${major} or newer on this machine: there is none in ${places.join(", ")}; apt-get install default-jdk-headless`,
    );
  return found;
};
const major = (version: string) => Number(/^(?:1\.)?(\d+)/.exec(version)?.[1]);

const coming = new Map<string, Promise<string>>();
/** Our own part is compiled once, by this machine's compiler, for Java 8. Resolves to the folder with the classes. */
const compiled = (tool: Tool, cache: string): Promise<string> => {
  const making = coming.get(cache) ?? compile(tool, cache).finally(() => coming.delete(cache));
  coming.set(cache, making);
  return making;
};
const compile = async (tool: Tool, cache: string): Promise<string> => {
  const files = (await readdir(sources)).sort().map((name) => join(sources, name));
  const hash = createHash("sha256");
  for (const file of files) hash.update(await readFile(file));
  const target = join(cache, `java-${hash.digest("hex").slice(0, 16)}`);
  if (existsSync(target)) return target;
  const own = join(dirname(tool.path), "javac");
  const compiler = existsSync(own) ? own : (await findTools(["/usr/lib/jvm/*/bin/javac", "/usr/bin/javac"]))[0]?.path;
  if (!compiler)
    throw new RuntimeMissing(
      `Java functions need a \`javac\` on this machine, once: there is none beside ${tool.path}; apt-get install default-jdk-headless`,
    );
  const temporary = `${target}.${randomBytes(6).toString("hex")}`;
  await mkdir(temporary, { recursive: true });
  try {
    const release = major(tool.version) === 8 ? [] : ["--release", "8"];
    await promisify(execFile)(compiler, [...release, "-encoding", "UTF-8", "-Xlint:-options", "-g:none", "-d", temporary, ...files], {
      env: {},
    });
    await rename(temporary, target).catch((error) => {
      if (!existsSync(target)) throw error;
    });
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
  return target;
};

/** Code written for Java 8 may look into the JDK, which later ones allow only when told. */
const open = ["java.lang", "java.lang.reflect", "java.util", "java.net", "java.io", "java.nio", "java.text", "java.time"].map(
  (name) => `--add-opens=java.base/${name}=ALL-UNNAMED`,
);

export const java: Runtime = {
  names: /^java\d+(\.al2)?$/,
  check: async (runtime) => void (await javaFor(runtime)),
  prepare: async (runtime, cache) => void (await compiled(await javaFor(runtime), cache)),
  async start({ configuration: { runtime, memorySize }, cache }) {
    const tool = await javaFor(runtime);
    const classes = await compiled(tool, cache);
    const jvm = seen(tool.path);
    const heap = Math.max(32, Math.floor(memorySize * 0.7));
    return {
      command: [
        jvm.path,
        "-XX:TieredStopAtLevel=1",
        "-XX:+UseSerialGC",
        "-Xshare:auto",
        `-Xmx${heap}m`,
        `-XX:MaxMetaspaceSize=${Math.max(64, Math.floor(memorySize * 0.5))}m`,
        ...(major(tool.version) > 8 && runtime.startsWith("java8") ? open : []),
        "-cp",
        `${runtimeRoot}:${taskRoot}:${taskRoot}/lib/*:/opt/java/lib/*`,
        "mayfly.Bootstrap",
      ],
      mounts: [{ from: classes, to: runtimeRoot, writable: false }, ...jvm.mounts],
      environment: {},
      version: `java ${tool.version}`,
      marks: true,
    };
  },
};
