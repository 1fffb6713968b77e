import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { StackEvent } from "@aws-sdk/client-cloudformation";
import { capabilitiesOf, splitPath, templateConfiguration } from "./cloudformation-input.ts";
import { endOf } from "./cloudformation-stack.ts";

const StackId = "arn:aws:cloudformation:us-east-1:123456789012:stack/app/1";
const event = (LogicalResourceId: string, ResourceStatus: string, ResourceStatusReason?: string): StackEvent => ({
  StackId,
  EventId: "e",
  StackName: "app",
  Timestamp: new Date(0),
  LogicalResourceId,
  ResourceStatus: ResourceStatus as StackEvent["ResourceStatus"],
  ResourceStatusReason,
  PhysicalResourceId: LogicalResourceId === "app" ? StackId : LogicalResourceId,
  ResourceType: LogicalResourceId === "app" || LogicalResourceId === "Nested" ? "AWS::CloudFormation::Stack" : "AWS::SNS::Topic",
});

describe("the end of a stack operation", () => {
  const cases: [string, StackEvent[], ReturnType<typeof endOf>][] = [
    ["nothing heard of it", [], { kind: "going on" }],
    ["begun", [event("app", "UPDATE_IN_PROGRESS")], { kind: "going on" }],
    ["a nested stack is through", [event("Nested", "CREATE_COMPLETE"), event("app", "CREATE_IN_PROGRESS")], { kind: "going on" }],
    ["cleaning up", [event("app", "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS")], { kind: "going on" }],
    ["updated", [event("app", "UPDATE_COMPLETE"), event("app", "UPDATE_IN_PROGRESS")], { kind: "done", status: "UPDATE_COMPLETE" }],
    [
      "rolled back: the first failure is the reason",
      [
        event("app", "UPDATE_ROLLBACK_COMPLETE"),
        event("app", "UPDATE_ROLLBACK_IN_PROGRESS", "The following resource(s) failed to create: [Topic]."),
        event("Other", "CREATE_FAILED", "Resource creation cancelled"),
        event("Later", "CREATE_FAILED", "too late"),
        event("Topic", "CREATE_FAILED", "no such thing"),
        event("app", "UPDATE_IN_PROGRESS"),
      ],
      { kind: "failed", message: "Stack app ended in UPDATE_ROLLBACK_COMPLETE. Topic (AWS::SNS::Topic) CREATE_FAILED: no such thing" },
    ],
    [
      "failed by itself",
      [
        event("app", "ROLLBACK_COMPLETE"),
        event("app", "ROLLBACK_IN_PROGRESS", "Export x cannot be made"),
        event("app", "CREATE_IN_PROGRESS"),
      ],
      { kind: "failed", message: "Stack app ended in ROLLBACK_COMPLETE. Export x cannot be made" },
    ],
  ];
  for (const [what, events, end] of cases) it(what, () => assert.deepEqual(endOf(events), end));
});

describe("what an action gives to a stack", () => {
  it("splits paths", () => {
    assert.deepEqual(splitPath("Out::a/b::c.yml"), { artifact: "Out", path: "a/b::c.yml" });
    for (const text of ["Out", "::a", "Out::"]) assert.equal(splitPath(text), undefined);
  });
  it("splits capabilities", () => {
    assert.deepEqual(capabilitiesOf("CAPABILITY_IAM, CAPABILITY_AUTO_EXPAND,"), ["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"]);
    assert.deepEqual(capabilitiesOf(undefined), []);
  });
  it("reads a template configuration", () => {
    const text = JSON.stringify({ Parameters: { A: "1", B: 2 }, Tags: { t: true }, StackPolicy: { Statement: [] } });
    assert.deepEqual(templateConfiguration(text), { Parameters: { A: "1", B: "2" }, Tags: { t: "true" }, StackPolicy: { Statement: [] } });
  });
  const wrong: [string, RegExp][] = [
    ["{", /not valid JSON/],
    ["[]", /must be a JSON object/],
    ['{"Parameter":{}}', /unknown member Parameter/],
    ['{"Parameters":[]}', /Parameters must be an object/],
    ['{"Tags":{"a":{}}}', /Tags.a must be a string/],
  ];
  for (const [text, complaint] of wrong) it(`refuses ${text}`, () => assert.throws(() => templateConfiguration(text), complaint));
});
