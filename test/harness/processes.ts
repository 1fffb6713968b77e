/** Command lines, arguments parted by NUL, of this machine's processes that have that text. Reads /proc: a bare machine has no `ps`. */
import { readdir, readFile } from "node:fs/promises";

export const processes = async (text: string): Promise<string[]> => {
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const lines = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "")));
  return lines.filter((line) => line.includes(text));
};
