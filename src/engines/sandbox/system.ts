/** The image `host`: which parts of this machine a container may see. An allow-list: what is not named here stays outside. */
import { createHash } from "node:crypto";
import { existsSync, lstatSync, readlinkSync, realpathSync } from "node:fs";
import { cp, lstat, mkdir, readdir, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";

const roots = ["/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32", "/opt"];
/** Of `/etc`, what toolchains and name resolution need; never keys, never passwords. */
const etc = [
  "alternatives",
  "ca-certificates",
  "ca-certificates.conf",
  "crypto-policies",
  "debian_version",
  "fonts",
  "host.conf",
  "ld.so.cache",
  "ld.so.conf",
  "ld.so.conf.d",
  "localtime",
  "magic",
  "maven",
  "mime.types",
  "nsswitch.conf",
  "os-release",
  "pki/ca-trust",
  "pki/java",
  "pki/tls/certs",
  "protocols",
  "services",
  "ssl/certs",
  "ssl/openssl.cnf",
  "terminfo",
  "timezone",
];
const etcPatterns = [/^java-/, /^python3/, /^perl$/];
/** Shown as they are at any time: they change with the network. */
const live = ["hosts", "resolv.conf"];

/** bwrap options that show this machine's programs, read-only. */
export const rootOptions = (): string[] =>
  roots.flatMap((path) => {
    if (!existsSync(path)) return [];
    return lstatSync(path).isSymbolicLink() ? ["--symlink", readlinkSync(path), path] : ["--ro-bind", path, path];
  });

/** The kernel's switches are not for containers: read-only or empty, as docker has it. bwrap sees to `irq` and `bus` itself. */
export const procOptions = (): string[] => [
  ...["fs", "sys", "sysrq-trigger"].flatMap((name) => (existsSync(`/proc/${name}`) ? ["--ro-bind", `/proc/${name}`, `/proc/${name}`] : [])),
  ...["kcore", "keys", "sched_debug", "timer_list"].flatMap((name) =>
    existsSync(`/proc/${name}`) ? ["--ro-bind", "/dev/null", `/proc/${name}`] : [],
  ),
  ...["scsi"].flatMap((name) => (existsSync(`/proc/${name}`) ? ["--tmpfs", `/proc/${name}`] : [])),
];

const users = {
  root: [0, "/root", "/bin/sh"],
  "codebuild-user": [1999, "/home/codebuild-user", "/bin/sh"],
  nobody: [65534, "/nonexistent", "/bin/false"],
} as const;
const passwd = Object.entries(users).map(([name, [id, home, shell]]) => `${name}:x:${id}:${id}:${name}:${home}:${shell}\n`);
const group = Object.entries(users).map(([name, [id]]) => `${name === "nobody" ? "nogroup" : name}:x:${id}:\n`);

/**
 * The options that show a chosen /etc. It is a copy below `folder`, made anew when something of it changed:
 * one mount instead of thirty, each of which takes its time at every start.
 */
export const etcOptions = async (folder: string): Promise<string[]> => {
  const names = [...etc, ...(await readdir("/etc")).filter((name) => etcPatterns.some((pattern) => pattern.test(name)))];
  const facts = await Promise.all(
    names.map(async (name) => {
      const found = await lstat(join("/etc", name)).catch(() => undefined);
      return found ? `${name} ${found.mtimeMs} ${found.ino}` : "";
    }),
  );
  const digest = createHash("sha256").update(facts.join("\n")).update(passwd.join("")).digest("hex").slice(0, 16);
  const copy = join(folder, digest);
  if (!existsSync(copy)) await copyEtc(names, copy);
  const shown = live.flatMap((name) => {
    try {
      // What a link of /etc points to (/run/systemd/resolve/…) is shown in its place.
      return ["--ro-bind", realpathSync(join("/etc", name)), `/etc/${name}`];
    } catch {
      return [];
    }
  });
  return ["--ro-bind", copy, "/etc", ...shown];
};

const copyEtc = async (names: readonly string[], copy: string): Promise<void> => {
  const coming = `${copy}.${process.pid}-${Date.now()}`;
  await mkdir(coming, { recursive: true });
  for (const name of names) {
    const to = join(coming, name);
    await mkdir(dirname(to), { recursive: true });
    // What only others may read is left out.
    if (existsSync(join("/etc", name)) || isLink(join("/etc", name)))
      await cp(join("/etc", name), to, { recursive: true, verbatimSymlinks: true }).catch(() => {});
  }
  await Promise.all([
    writeFile(join(coming, "passwd"), passwd.join("")),
    writeFile(join(coming, "group"), group.join("")),
    ...live.map((name) => writeFile(join(coming, name), "")),
  ]);
  await rename(coming, copy).catch(() => rm(coming, { recursive: true, force: true }));
};
const isLink = (path: string) => lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() ?? false;
