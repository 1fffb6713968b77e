import assert from "node:assert/strict";
import { it } from "node:test";
import { chooseTemplate } from "./delivered.ts";

const cases: [files: string[], present: string[], chosen: string | undefined][] = [
  [["packaged-sam.yml"], [], "packaged-sam.yml"],
  [["template.yml", "out/packaged.yaml"], [], "out/packaged.yaml"],
  [["dist/template.yml"], [], "dist/template.yml"],
  [["**/*"], ["sam.yml"], "sam.yml"],
  [["**/*"], [], undefined],
  [["app.jar"], ["template.yml"], undefined],
];
for (const [files, present, chosen] of cases)
  it(`of ${files} with ${present.length ? present : "nothing"} at the top: ${chosen}`, () => {
    assert.equal(
      chooseTemplate(files, (path) => present.includes(path)),
      chosen,
    );
  });
