/** The image `host`: which parts of this machine a container may see. An allow-list: what is not named here stays outside. */
import { lstatSync, readdirSync, readlinkSync, realpathSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";

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
  "hosts",
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
  "resolv.conf",
  "services",
  "ssl/certs",
  "ssl/openssl.cnf",
  "terminfo",
  "timezone",
];
const etcPatterns = [/^java-/, /^python3/, /^perl$/];

const kind = (path: string) => {
  try {
    return lstatSync(path).isSymbolicLink() ? "link" : "there";
  } catch {
    return undefined;
  }
};
const exists = (path: string) => {
  try {
    return realpathSync(path);
  } catch {
    return undefined;
  }
};

/** bwrap options that show this machine's system, read-only. */
export const systemOptions = (): string[] => {
  const options: string[] = ["--dir", "/etc", "--dir", "/etc/ssl", "--dir", "/etc/pki", "--dir", "/etc/pki/tls"];
  for (const path of roots) {
    const what = kind(path);
    if (what === "link") options.push("--symlink", readlinkSync(path), path);
    else if (what === "there") options.push("--ro-bind", path, path);
  }
  const chosen = readdirSync("/etc").filter((name) => etcPatterns.some((pattern) => pattern.test(name)));
  for (const name of [...etc, ...chosen]) {
    const path = join("/etc", name);
    // What a link of /etc points to (/run/systemd/resolve/…) is shown in its place.
    const real = exists(path);
    if (real?.startsWith("/usr/") && kind(path) === "link") options.push("--symlink", readlinkSync(path), path);
    else if (real) options.push("--ro-bind", real, path);
  }
  return options;
};

/** The kernel's switches are not for containers: read-only or empty, as docker has it. */
export const procOptions = (): string[] => [
  ...["bus", "fs", "irq", "sys", "sysrq-trigger"].filter((name) => exists(`/proc/${name}`)).flatMap((name) => ["--ro-bind", `/proc/${name}`, `/proc/${name}`]),
  ...["kallsyms", "kcore", "keys", "kmsg", "kpagecgroup", "kpagecount", "kpageflags", "latency_stats", "sched_debug", "timer_list"]
    .filter((name) => exists(`/proc/${name}`))
    .flatMap((name) => ["--ro-bind", "/dev/null", `/proc/${name}`]),
  ...["acpi", "asound", "scsi"].filter((name) => exists(`/proc/${name}`)).flatMap((name) => ["--tmpfs", `/proc/${name}`]),
];

const users = {
  root: [0, "/root", "/bin/sh"], "codebuild-user": [1999, "/home/codebuild-user", "/bin/sh"], nobody: [65534, "/nonexistent", "/bin/false"] } as const;

/** Writes the user lists that containers see into that folder, and answers the options that show them. */
export const userLists = async (folder: string): Promise<string[]> => {
  await mkdir(folder, { recursive: true });
  const passwd = Object.entries(users).map(([name, [id, home, shell]]) => `${name}:x:${id}:${id}:${name}:${home}:${shell}\n`);
  const group = Object.entries(users).map(([name, [id]]) => `${name === "nobody" ? "nogroup" : name}:x:${id}:\n`);
  await Promise.all([writeFile(join(folder, "passwd"), passwd.join("")), writeFile(join(folder, "group"), group.join(""))]);
  return ["--ro-bind", join(folder, "passwd"), "/etc/passwd", "--ro-bind", join(folder, "group"), "/etc/group"];
};
