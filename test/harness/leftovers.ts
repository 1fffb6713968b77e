/** What a server has left on the machine: processes, mounts, folders of environments. */
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

export const leftoversOf = async (data: string): Promise<string[]> => {
  const found: string[] = [];
  for (const line of (await readFile("/proc/mounts", "utf8")).split("\n")) if (line.includes(data)) found.push(`mount ${line}`);
  for (const pid of await readdir("/proc")) {
    if (!/^\d+$/.test(pid) || Number(pid) === process.pid) continue;
    // What it was started with, and what it still has mounted: a sandbox shows its folder in both.
    const [command, mounts] = await Promise.all(
      ["cmdline", "mountinfo"].map((file) => readFile(`/proc/${pid}/${file}`, "utf8").catch(() => "")),
    );
    if (command?.includes(data) || mounts?.includes(data)) found.push(`process ${pid}: ${command?.replaceAll("\0", " ").slice(0, 200)}`);
  }
  const listed = (folder: string) => readdir(join(data, folder)).catch(() => []);
  for (const name of await listed("containers")) if (name !== "etc") found.push(`environment ${name}`);
  for (const name of await listed("services/codebuild/builds")) found.push(`workspace of build ${name}`);
  return found;
};
