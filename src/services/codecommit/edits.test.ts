import assert from "node:assert/strict";
import { test } from "node:test";
import { checkSignature, modeName, modeOf, nameInArn, wishesOf } from "./edits.ts";

const content = Buffer.from("x");
const cases: [string, Parameters<typeof wishesOf>[0], string][] = [
  ["nothing to do", {}, "FileEntryRequiredException"],
  [
    "too much to do",
    { deleteFiles: Array.from({ length: 101 }, (_, index) => ({ filePath: `f${index}` })) },
    "MaximumFileEntriesExceededException",
  ],
  ["neither content nor source", { putFiles: [{ filePath: "a" }] }, "SourceFileOrContentRequiredException"],
  [
    "both content and source",
    { putFiles: [{ filePath: "a", fileContent: content, sourceFile: { filePath: "b" } }] },
    "FileContentAndSourceFileSpecifiedException",
  ],
  [
    "the same path twice",
    { putFiles: [{ filePath: "a", fileContent: content }], deleteFiles: [{ filePath: "/a" }] },
    "SamePathRequestException",
  ],
  [
    "a file that is a folder too",
    {
      putFiles: [
        { filePath: "a", fileContent: content },
        { filePath: "a/b", fileContent: content },
      ],
    },
    "PutFileEntryConflictException",
  ],
  ["a path that leads out", { putFiles: [{ filePath: "../a", fileContent: content }] }, "InvalidPathException"],
  ["git's own folder", { putFiles: [{ filePath: "a/.git/config", fileContent: content }] }, "InvalidPathException"],
  ["no path", { putFiles: [{ filePath: "", fileContent: content }] }, "PathRequiredException"],
  ["an unknown mode", { putFiles: [{ filePath: "a", fileContent: content, fileMode: "GITLINK" as never }] }, "InvalidFileModeException"],
  ["a mode that is missing", { setFileModes: [{ filePath: "a", fileMode: undefined }] }, "FileModeRequiredException"],
  ["a placeholder as source", { putFiles: [{ filePath: "a", sourceFile: { filePath: "b/.gitkeep" } }] }, "RestrictedSourceFileException"],
  [
    "a large file",
    { putFiles: [{ filePath: "a", fileContent: Buffer.alloc(6 * 1024 * 1024 + 1) }] },
    "FileContentSizeLimitExceededException",
  ],
];
for (const [name, input, code] of cases) {
  test(`refused: ${name}`, () => assert.throws(() => wishesOf(input), { name: code }));
}

test("a move is a copy and a deletion", () => {
  assert.deepEqual(wishesOf({ putFiles: [{ filePath: "/a/b", sourceFile: { filePath: "c", isMove: true } }] }), [
    { path: "a/b", copyOf: "c" },
    { path: "c", remove: true },
  ]);
});

test("modes", () => {
  for (const name of ["NORMAL", "EXECUTABLE", "SYMLINK"]) assert.equal(modeName(modeOf(name)), name);
  assert.equal(modeOf(undefined), "100644");
});

test("whom a commit is by", () => {
  assert.deepEqual(checkSignature({}, { name: "ann", message: "m" }), { name: "ann", email: "", message: "m" });
  assert.throws(() => checkSignature({ email: "a<b" }, { name: "", message: "" }), { name: "InvalidEmailException" });
  assert.throws(() => checkSignature({ name: "x".repeat(257) }, { name: "", message: "" }), { name: "NameLengthExceededException" });
  assert.equal(nameInArn("arn:aws:iam::123456789012:user/team/ann"), "ann");
  assert.equal(nameInArn("arn:aws:sts::123456789012:assumed-role/role/session"), "session");
});
