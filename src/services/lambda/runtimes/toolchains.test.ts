import assert from "node:assert/strict";
import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { expand, findTools, nearest, seen } from "./toolchains.ts";

const scratch = await mkdtemp(join(tmpdir(), "mayfly-tools-"));
after(() => rm(scratch, { recursive: true }));
const program = async (path: string, says: string) => {
  const file = join(scratch, path);
  await mkdir(join(file, ".."), { recursive: true });
  await writeFile(file, `#!/bin/sh\n${says}\n`);
  await chmod(file, 0o755);
  return file;
};

const tool = (version: string) => ({ path: `/${version}`, version });
const choices: [string[], number[], boolean, string | undefined][] = [
  [["v20.19.2", "v26.10.0"], [20], true, "v20.19.2"],
  [["v20.19.2", "v26.10.0"], [22], true, "v26.10.0"],
  [["v20.19.2", "v18.1.0"], [22], true, "v20.19.2"],
  [["v22.1.0", "v22.14.0", "v22.9.9"], [22], true, "v22.14.0"],
  [["17.0.15", "25.0.1"], [8], false, "17.0.15"],
  [["17.0.15", "25.0.1"], [21], false, "25.0.1"],
  [["17.0.15"], [21], false, undefined],
  [["3.11.2", "3.9.1"], [3, 12], true, "3.11.2"],
  [["3.11.2", "3.9.1"], [3, 9], true, "3.9.1"],
  [[], [1], true, undefined],
];
for (const [versions, wanted, older, chosen] of choices)
  test(`of ${versions.join(" and ") || "nothing"}, ${chosen} is nearest to ${wanted.join(".")}`, () =>
    assert.equal(nearest(versions.map(tool), wanted, older)?.version, chosen));

test("patterns find programs, and only those that run", async () => {
  const one = await program("a-1/bin/tool", "echo tool v1.2.3");
  const two = await program("a-2/bin/tool", "echo 2.0 >&2");
  await program("a-3/bin/tool", "exit 1");
  await program("b/bin/tool", "echo 9.9");
  await writeFile(join(scratch, "a-4"), "");
  assert.deepEqual(expand(`${scratch}/a-*/bin/tool`).length, 3);
  assert.deepEqual(await findTools([`${scratch}/a-*/bin/tool`, one]), [
    { path: one, version: "v1.2.3" },
    { path: two, version: "2.0" },
  ]);
});

test("a program outside /usr is shown at /var/lang", async () => {
  const path = await program("own/bin/tool", "true");
  assert.deepEqual(seen(path), { path: "/var/lang/bin/tool", mounts: [{ from: join(scratch, "own"), to: "/var/lang", writable: false }] });
  assert.deepEqual(seen("/bin/sh").mounts, []);
});
