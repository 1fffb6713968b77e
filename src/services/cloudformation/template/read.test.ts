import assert from "node:assert/strict";
import { test } from "node:test";
import { readTemplate } from "./read.ts";
import { placeText } from "./value.ts";

const cases: [name: string, text: string, expected: unknown][] = [
  [
    "short forms",
    "A: !Ref B\nC: !GetAtt D.E.F\nG: !Sub '${H}'\nI: !If [J, !Ref K, !Ref 'AWS::NoValue']",
    {
      A: { Ref: "B" },
      C: { "Fn::GetAtt": ["D", "E.F"] },
      G: { "Fn::Sub": "${H}" },
      I: { "Fn::If": ["J", { Ref: "K" }, { Ref: "AWS::NoValue" }] },
    },
  ],
  ["a condition", "A: !Not [!Condition B]", { A: { "Fn::Not": [{ Condition: "B" }] } }],
  ["a date stays text", "Version: 2012-10-17", { Version: "2012-10-17" }],
  [
    "a number that a double would change stays text",
    "A: 1.0\nB: 012345678901\nC: 1\nD: 12345678901234567890\nE: 0.5\nF: 0x1F",
    {
      A: "1.0",
      B: "012345678901",
      C: 1,
      D: "12345678901234567890",
      E: 0.5,
      F: "0x1F",
    },
  ],
  ["yes and no are text", "A: yes\nB: true\nC: On", { A: "yes", B: true, C: "On" }],
  ["quoted numbers are text", "A: '1'", { A: "1" }],
  [
    "merge keys and aliases",
    "A: &a {x: 1, y: 2}\nB:\n  <<: *a\n  y: 3\nC: *a",
    { A: { x: 1, y: 2 }, B: { x: 1, y: 3 }, C: { x: 1, y: 2 } },
  ],
  ["merge of a list", "A: &a {x: 1}\nB: &b {x: 2, z: 1}\nC: {<<: [*a, *b]}", { A: { x: 1 }, B: { x: 2, z: 1 }, C: { x: 1, z: 1 } }],
  ["json", '{"A": [1, 1.0, "x", true, {"B": {}}]}', { A: [1, "1.0", "x", true, { B: {} }] }],
  ["a block text", "A: !Sub |\n  x\n  ${B}\n", { A: { "Fn::Sub": "x\n${B}\n" } }],
  [
    "nested short forms",
    "A: !Join ['', [!Ref B, !Select [0, !GetAZs '']]]",
    {
      A: { "Fn::Join": ["", [{ Ref: "B" }, { "Fn::Select": [0, { "Fn::GetAZs": "" }] }]] },
    },
  ],
];
for (const [name, text, expected] of cases) {
  test(name, () => assert.deepEqual(readTemplate(text).value, expected));
}

const complaints: [name: string, text: string, message: RegExp][] = [
  [
    "yaml: a key twice",
    "A:\n  B: 1\n  C: 2\n  B: 3",
    /^Template format error: YAML not well-formed\. \(line 4, column 3\): duplicate key "B" in \/A$/,
  ],
  ["json: a key twice", '{\n "A": {"B": 1,\n "B": 2}}', /JSON not well-formed\. \(line 3, column 5\): duplicate key "B" in \/A/],
  ["yaml: broken", "A: [1, 2\nB: 3", /YAML not well-formed\. \(line 2, column \d+\)/],
  ["yaml: tab", "A:\n\tB: 1", /YAML not well-formed\. \(line 2/],
  ["json: broken", '{"A": }', /JSON not well-formed\. \(line 1, column 7\): unexpected "}"/],
  ["json: cut short", '{"A": "b"', /JSON not well-formed/],
  ["yaml: null", "A:\n  B:\n  C: 1", /^Template format error: \[\/A\/B\] 'null' values are not allowed in templates \(line/],
  ["json: null", '{"A": null}', /\[\/A\] 'null' values are not allowed in templates \(line 1\)/],
  ["unknown tag", "A: 1\nB: !Reff C", /\(line 2, column \d+\): unknown tag !Reff/],
  ["no such anchor", "A: *b", /\(line 1, column 4\).*/],
  ["an alias within itself", "A: &a [*a]", /contains itself|Unresolved alias/],
  ["a list", "[1]", /unsupported structure/],
  ["a text", "hello", /unsupported structure/],
  ["nothing", "", /unsupported structure/],
  ["unsupported tag", "A: !!binary aGVsbG8=", /the tag !!binary is not supported/],
  ["deep json", `{"A": ${"[".repeat(5000)}`, /nested too deeply/],
  ["deep yaml", `A: ${"[".repeat(3000)}${"]".repeat(3000)}`, /nested too deeply/],
  [
    "aliases that explode",
    `a0: &a0 [1,1,1,1,1,1,1,1,1,1]\n${[1, 2, 3, 4, 5, 6, 7]
      .map(
        (n) =>
          `a${n}: &a${n} [${Array(10)
            .fill(`*a${n - 1}`)
            .join(",")}]`,
      )
      .join("\n")}`,
    /too large/,
  ],
];
for (const [name, text, message] of complaints) {
  test(`complains: ${name}`, () => assert.throws(() => readTemplate(text), { message }));
}

test("remembers lines", () => {
  const text = "Resources:\n  Topic:\n    Type: AWS::SNS::Topic\n    Properties:\n      Nmae: x\n";
  assert.equal(
    placeText(readTemplate(text).places, ["Resources", "Topic", "Properties", "Nmae"]),
    "(line 5, Resources.Topic.Properties.Nmae)",
  );
  assert.equal(placeText(readTemplate('{"A":\n{"B":\n"c"}}').places, ["A", "B"]), "(line 3, A.B)");
});

test("the same data from YAML and JSON", () => {
  const yaml = readTemplate("A: !Sub ['${x}', {x: !GetAtt B.C}]").value;
  assert.deepEqual(readTemplate(JSON.stringify(yaml)).value, yaml);
});
