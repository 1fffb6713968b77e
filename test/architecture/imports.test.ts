/** Holds the code to the table in ARCHITECTURE.md, and to having no cycles. */
import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../", import.meta.url));
const files = globSync("**/*.ts", { cwd: join(root, "src") }).filter((file) => !/\.(test|contract)\.ts$/.test(file));

interface Import {
  readonly of: string;
  readonly typeOnly: boolean;
  /** Loaded when it is needed, and so no part of a cycle at start. */
  readonly later: boolean;
}
const importsOf = (file: string): Import[] => {
  const text = readFileSync(join(root, "src", file), "utf8");
  const found = [...text.matchAll(/^(import|export)(\s+type)?\s[^;]*?from\s+"(\.[^"]+)"/gm)].map(([, , type, path = ""]) => ({
    path,
    typeOnly: type !== undefined,
    later: false,
  }));
  const lazy = [...text.matchAll(/import\("(\.[^"]+)"\)/g)].map(([, path = ""]) => ({ path, typeOnly: false, later: true }));
  const bare = [...text.matchAll(/^import\s+"(\.[^"]+)"/gm)].map(([, path = ""]) => ({ path, typeOnly: false, later: false }));
  return [...found, ...lazy, ...bare].map(({ path, ...kind }) => ({ ...kind, of: normalize(join(dirname(file), path)) }));
};

/** A row's pattern matches a path: `lib` all below it, `services/*.ts` the files, `services/*` the folders. */
const matches = (pattern: string, path: string): boolean => {
  const source = pattern
    .split("*")
    .map((part) => part.replace(/[.]/g, "\\."))
    .join("[^/]+");
  return new RegExp(pattern.endsWith(".ts") ? `^${source}$` : `^${source}/`).test(path);
};

describe("the import table of ARCHITECTURE.md", () => {
  const rows = readFileSync(join(root, "ARCHITECTURE.md"), "utf8")
    .split("\n")
    .map((line) => /^\| `([^`]+)` \|(.*)\|$/.exec(line))
    .filter((row) => row !== null)
    .map(([, folder = "", allowed = ""]) => ({ folder, allowed: [...allowed.matchAll(/`([^`]+)`/g)].map(([, name = ""]) => name) }));

  it("names every file", () => {
    assert.ok(rows.length > 8);
    assert.deepEqual(
      files.filter((file) => file !== "version.ts" && !rows.some(({ folder }) => matches(folder, file))),
      [],
    );
  });

  it("is kept", () => {
    const wrong: string[] = [];
    for (const file of files) {
      const row = rows.find(({ folder }) => matches(folder, file));
      for (const { of } of importsOf(file)) {
        const own = row?.folder === "services/*" ? `${file.split("/").slice(0, 2).join("/")}/` : `${dirname(file)}/`;
        const sameUnit = row && (of.startsWith(own) || (row.folder !== "services/*" && matches(row.folder, of)));
        if (!sameUnit && !row?.allowed.some((pattern) => matches(pattern, of))) wrong.push(`${file} imports ${of}`);
      }
    }
    assert.deepEqual(wrong, []);
  });

  it("has no cycles", () => {
    const graph = new Map(
      files.map((file) => [
        file,
        importsOf(file)
          .filter(({ typeOnly, later }) => !typeOnly && !later)
          .map(({ of }) => of),
      ]),
    );
    const done = new Set<string>();
    const cycles: string[] = [];
    const visit = (file: string, path: string[]) => {
      if (path.includes(file)) return void cycles.push([...path.slice(path.indexOf(file)), file].join(" → "));
      if (done.has(file)) return;
      for (const next of graph.get(file) ?? []) visit(next, [...path, file]);
      done.add(file);
    };
    for (const file of files) visit(file, []);
    assert.deepEqual(cycles, []);
  });
});
