import assert from "node:assert/strict";
import { test } from "node:test";
import { BadInput, checkInput, type InputSettings, inputFor } from "./target-input.ts";

const event = {
  source: "aws.codecommit",
  resources: ["arn:one", "arn:two"],
  detail: { ref: 'release "1"', count: 3, list: [1, 2], "a b": "c", nested: { x: "y" }, nothing: null },
};
const circumstances = { ruleArn: "arn:aws:events:eu-west-1:1:rule/r", ruleName: "r", ingested: "2026-01-01T00:00:00Z" };
const transformed = (paths: Record<string, string>, template: string): InputSettings => ({ transformer: { paths, template } });

const cases: [what: string, settings: InputSettings, text: string][] = [
  ["the event", {}, JSON.stringify(event)],
  ["a constant", { input: '{"a":1}' }, '{"a":1}'],
  ["a part", { inputPath: "$.detail.nested" }, '{"x":"y"}'],
  ["a text of it", { inputPath: "$.source" }, '"aws.codecommit"'],
  ["all of it by path", { inputPath: "$" }, JSON.stringify(event)],
  ["an absent part", { inputPath: "$.detail.no" }, "{}"],
  ["a template of a text", transformed({ n: "$.detail.count" }, '"<n> pushes"'), '"3 pushes"'],
  ["quotes inside a text are escaped", transformed({ ref: "$.detail.ref" }, '{"ref": "at <ref>"}'), '{"ref": "at release \\"1\\""}'],
  [
    "values outside of quotes",
    transformed({ ref: "$.detail.ref", l: "$.detail.list" }, '{"ref": <ref>, "list": <l>}'),
    '{"ref": "release \\"1\\"", "list": [1,2]}',
  ],
  ["an object inside a text", transformed({ o: "$.detail.nested" }, '"<o>"'), '"{\\"x\\":\\"y\\"}"'],
  ["an index", transformed({ r: "$.resources[1]" }, '"<r>"'), '"arn:two"'],
  ["a quoted key", transformed({ r: "$.detail['a b']" }, '"<r>"'), '"c"'],
  ["an absent value inside a text", transformed({ r: "$.detail.no" }, '"a<r>b"'), '"ab"'],
  ["an absent value outside", transformed({ r: "$.detail.no" }, '{"a": <r>}'), '{"a": null}'],
  ["an escaped quote in the template", transformed({ n: "$.detail.count" }, '"say \\"<n>\\""'), '"say \\"3\\""'],
  [
    "what is reserved",
    transformed({}, '{"rule": <aws.events.rule-name>, "at": "<aws.events.event.ingestion-time>", "e": <aws.events.event>}'),
    `{"rule": "r", "at": "2026-01-01T00:00:00Z", "e": ${JSON.stringify(event)}}`,
  ],
];
for (const [what, settings, text] of cases)
  test(what, () => {
    checkInput(settings);
    assert.equal(inputFor(event, settings, circumstances), text);
  });

const bad: [what: string, settings: InputSettings][] = [
  ["two settings at once", { input: "{}", inputPath: "$" }],
  ["an input that is no JSON", { input: "hello" }],
  ["a path without its dollar", { inputPath: "detail" }],
  ["a path with a gap", { inputPath: "$.detail..x" }],
  ["a wildcard path", { inputPath: "$.detail[*]" }],
  ["a placeholder without a path", transformed({}, '"<x>"')],
  ["a transformer's bad path", transformed({ x: "x" }, '"<x>"')],
];
for (const [what, settings] of bad) test(`refused: ${what}`, () => assert.throws(() => checkInput(settings), BadInput));
