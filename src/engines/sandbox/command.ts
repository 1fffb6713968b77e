/** A container as command lines: pure. */
import type { ContainerSpec } from "../engine.ts";

/** What a root user inside may do: docker's list without making device nodes. */
const capabilities = [
  "AUDIT_WRITE",
  "CHOWN",
  "DAC_OVERRIDE",
  "FOWNER",
  "FSETID",
  "KILL",
  "NET_BIND_SERVICE",
  "NET_RAW",
  "SETFCAP",
  "SETGID",
  "SETPCAP",
  "SETUID",
  "SYS_CHROOT",
];

export interface Place {
  /** The container's own folder; `root`, `tmp` and `var-tmp` lie in it. */
  readonly folder: string;
  readonly system: readonly string[];
  /** What of /proc is closed. */
  readonly proc: readonly string[];
  readonly asRoot: boolean;
}

/** Folders every container has of its own: where they lie in its folder, where it sees them. */
export const ownFolders = [
  ["root", "/root"],
  ["tmp", "/tmp"],
  ["var-tmp", "/var/tmp"],
] as const;

/** Ordered so that a mount below another comes after it. */
const byDepth = (mounts: ContainerSpec["mounts"]) => [...mounts].sort((a, b) => a.to.split("/").length - b.to.split("/").length);

/** Made beforehand, since bwrap makes missing parents readable to root only. */
const parents = (mounts: ContainerSpec["mounts"]) =>
  mounts.flatMap(({ to }) => {
    const parts = to.split("/").slice(1, -1);
    return parts
      .map((_, index) => `/${parts.slice(0, index + 1).join("/")}`)
      .filter((path) => !/^\/(usr|opt|proc|dev|tmp|root)(\/|$)/.test(path));
  });

/** File descriptor 3 takes bwrap's word on the exit code, 4 gives it the environment (which no command line must show). */
export const bwrapCommand = (spec: ContainerSpec, place: Place): string[] => [
  "bwrap",
  "--json-status-fd",
  "3",
  "--args",
  "4",
  "--die-with-parent",
  "--unshare-pid",
  "--unshare-ipc",
  "--unshare-uts",
  "--hostname",
  spec.id.slice(0, 63),
  ...(place.asRoot
    ? ["--cap-drop", "ALL", ...capabilities.flatMap((name) => ["--cap-add", `CAP_${name}`])]
    : ["--unshare-user", "--uid", "0", "--gid", "0"]),
  ...place.system,
  "--proc",
  "/proc",
  ...place.proc,
  "--dev",
  "/dev",
  ...["/run", "/home", "/var", "/var/lib", "/var/cache", ...parents(spec.mounts)].flatMap((path) => ["--dir", path]),
  ...ownFolders.flatMap(([name, to]) => ["--bind", `${place.folder}/${name}`, to]),
  ...byDepth(spec.mounts).flatMap(({ from, to, writable }) => [writable ? "--bind" : "--ro-bind", from, to]),
  "--chdir",
  spec.folder,
  "--",
  ...spec.command,
];

export const environmentArguments = (environment: Readonly<Record<string, string>>): string =>
  ["--clearenv", ...Object.entries(environment).flatMap(([name, value]) => ["--setenv", name, value])].map((part) => `${part}\0`).join("");

/**
 * The process outside: joins the limits, sets the time limit, and copies the output to its file through a pipe, so that a
 * command writing to /dev/stderr cannot cut the file. `cat` holds the lock until all have ended and all is written.
 */
const script = `{
  for group in $GROUPS_TO_JOIN; do echo 0 > "$group/cgroup.procs" || :; done 2>/dev/null
  exec "$@"
} 2>&1 | flock -F -x lock cat >> output 3>&- 4>&-`;

export const outerCommand = (spec: ContainerSpec, place: Place): string[] => [
  ...(spec.diesWithServer ? ["setpriv", "--pdeathsig", "KILL"] : []),
  "/bin/sh",
  "-c",
  script,
  "sandbox",
  ...(!spec.diesWithServer && spec.limits.seconds > 0 ? ["timeout", "-s", "KILL", String(spec.limits.seconds)] : []),
  ...bwrapCommand(spec, place),
];
