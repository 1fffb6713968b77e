import assert from "node:assert/strict";
import { test } from "node:test";
import { denied, policyComplaint } from "./stack-policy.ts";

const policy = (...Statement: object[]) => JSON.stringify({ Statement });
const allowAll = { Effect: "Allow", Action: "Update:*", Principal: "*", Resource: "*" };
const cases: [name: string, body: string, action: Parameters<typeof denied>[1], refusal: RegExp | undefined][] = [
  ["all allowed", policy(allowAll), "Update:Replace", undefined],
  [
    "denied by name",
    policy(allowAll, { Effect: "Deny", Action: "Update:*", Principal: "*", Resource: "LogicalResourceId/Db" }),
    "Update:Modify",
    /Statement \[#2\] does not allow \[Update:Modify\] for resource \[LogicalResourceId\/Db\]/,
  ],
  [
    "another is denied",
    policy(allowAll, { Effect: "Deny", Action: "Update:*", Principal: "*", Resource: "LogicalResourceId/Other*" }),
    "Update:Modify",
    undefined,
  ],
  ["only modifying", policy({ ...allowAll, Action: "Update:Modify" }), "Update:Replace", /no statement allows/],
  ["all but deleting", policy({ ...allowAll, Action: undefined, NotAction: "Update:Delete" }), "Update:Delete", /no statement allows/],
  [
    "by type",
    policy(allowAll, {
      Effect: "Deny",
      Action: ["Update:Replace"],
      Principal: "*",
      Resource: "*",
      Condition: { StringLike: { ResourceType: ["AWS::RDS::*"] } },
    }),
    "Update:Replace",
    /#2/,
  ],
  [
    "by another type",
    policy(allowAll, {
      Effect: "Deny",
      Action: "Update:*",
      Principal: "*",
      Resource: "*",
      Condition: { StringEquals: { ResourceType: "AWS::EC2::Instance" } },
    }),
    "Update:Replace",
    undefined,
  ],
];
for (const [name, body, action, refusal] of cases) {
  test(name, () => {
    assert.equal(policyComplaint(body), undefined);
    const answer = denied(body, action, "Db", "AWS::RDS::DBInstance");
    if (refusal) assert.match(answer ?? "", refusal);
    else assert.equal(answer, undefined);
  });
}
for (const body of [
  "{",
  "{}",
  policy({ ...allowAll, Effect: "Maybe" }),
  policy({ ...allowAll, Action: "Delete" }),
  policy({ ...allowAll, Principal: "me" }),
  policy({ ...allowAll, Resource: undefined }),
]) {
  test(`refused: ${body}`, () => assert.match(policyComplaint(body) ?? "", /^Error validating stack policy/));
}
