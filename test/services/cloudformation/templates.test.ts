/** What templates can say: parameters, references to other stacks and stores, tags, stages; and what is told of them beforehand. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import * as cfn from "@aws-sdk/client-cloudformation";
import { CreateBucketCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { CreateSecretCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { GetTopicAttributesCommand, ListTagsForResourceCommand, SNSClient } from "@aws-sdk/client-sns";
import { PutParameterCommand, SSMClient } from "@aws-sdk/client-ssm";
import { startServer, type TestServer } from "../../harness/server.ts";
import { ended, resourcesOf } from "./steps.ts";

let server: TestServer;
let client: cfn.CloudFormationClient;
let sns: SNSClient;
before(async () => {
  server = await startServer();
  client = server.client(cfn.CloudFormationClient);
  sns = server.client(SNSClient);
});
after(() => server.stop());

const create = async (StackName: string, TemplateBody: string | undefined, more: Partial<cfn.CreateStackCommandInput> = {}) => {
  const { StackId = "" } = await client.send(
    new cfn.CreateStackCommand({ StackName, TemplateBody, ...more } as cfn.CreateStackCommandInput),
  );
  return ended(client, StackId);
};
const displayName = async (stack: string, id = "Topic") => {
  const { [id]: topic } = await resourcesOf(client, stack);
  return (await sns.send(new GetTopicAttributesCommand({ TopicArn: topic?.PhysicalResourceId }))).Attributes?.DisplayName;
};

test("parameters of Systems Manager, secrets, and what must not be seen", async () => {
  await server.client(SSMClient).send(new PutParameterCommand({ Name: "/shown", Value: "from-ssm", Type: "String" }));
  await server.client(SecretsManagerClient).send(new CreateSecretCommand({ Name: "hidden", SecretString: '{"word":"sesame"}' }));
  const text = `
Parameters:
  Shown: {Type: 'AWS::SSM::Parameter::Value<String>', Default: /shown}
  Quiet: {Type: String, NoEcho: true}
Resources:
  Topic: {Type: AWS::SNS::Topic, Properties: {DisplayName: !Ref Shown}}
  Loud: {Type: AWS::SNS::Topic, Properties: {DisplayName: !Sub '\${Quiet}!'}}
  Secret: {Type: AWS::SNS::Topic, Properties: {DisplayName: '{{resolve:secretsmanager:hidden:SecretString:word}}'}}
  Dynamic: {Type: AWS::SNS::Topic, Properties: {DisplayName: 'x-{{resolve:ssm:/shown:1}}'}}
`;
  const stack = await create("stores", text, { Parameters: [{ ParameterKey: "Quiet", ParameterValue: "hush" }] });
  assert.equal(stack.StackStatus, "CREATE_COMPLETE", `${stack.StackStatusReason}`);
  assert.deepEqual(stack.Parameters, [
    { ParameterKey: "Shown", ParameterValue: "/shown", ResolvedValue: "from-ssm" },
    { ParameterKey: "Quiet", ParameterValue: "****" },
  ]);
  assert.deepEqual(await Promise.all(["Topic", "Loud", "Secret", "Dynamic"].map((id) => displayName("stores", id))), [
    "from-ssm",
    "hush!",
    "sesame",
    "x-from-ssm",
  ]);
  const { StackEvents = [] } = await client.send(new cfn.DescribeStackEventsCommand({ StackName: "stores" }));
  const told = JSON.stringify(StackEvents);
  assert.ok(!told.includes("hush") && !told.includes("sesame"));
  assert.ok(told.includes("****!") && told.includes("resolve:secretsmanager"));
});

test("exports bind stacks to each other", async () => {
  await create(
    "exporter",
    "Resources: {Topic: {Type: AWS::SNS::Topic}}\nOutputs: {Name: {Value: !GetAtt Topic.TopicName, Export: {Name: shared-name}}}\n",
  );
  await create("importer", "Resources: {Topic: {Type: AWS::SNS::Topic, Properties: {DisplayName: !ImportValue shared-name}}}\n");
  assert.match((await displayName("importer")) ?? "", /^exporter-Topic-/);
  const { Exports } = await client.send(new cfn.ListExportsCommand({}));
  assert.deepEqual(
    Exports?.map((one) => one.Name),
    ["shared-name"],
  );
  assert.deepEqual((await client.send(new cfn.ListImportsCommand({ ExportName: "shared-name" }))).Imports, ["importer"]);
  await assert.rejects(client.send(new cfn.DeleteStackCommand({ StackName: "exporter" })), {
    message: "Export shared-name cannot be deleted as it is in use by importer",
  });
  await client.send(new cfn.UpdateStackCommand({ StackName: "exporter", TemplateBody: "Resources: {Topic: {Type: AWS::SNS::Topic}}\n" }));
  const kept = await ended(client, "exporter");
  assert.equal(kept.StackStatus, "UPDATE_ROLLBACK_COMPLETE");
  assert.equal(kept.Outputs?.length, 1);
  await assert.rejects(
    create("lost", "Resources: {Topic: {Type: AWS::SNS::Topic, Properties: {DisplayName: !ImportValue nobody-exports-this}}}\n"),
    { message: "No export named nobody-exports-this found." },
  );
  const double = await create(
    "double",
    "Resources: {Topic: {Type: AWS::SNS::Topic}}\nOutputs: {Name: {Value: x, Export: {Name: shared-name}}}\n",
  );
  assert.equal(double.StackStatus, "ROLLBACK_COMPLETE");
  for (const name of ["importer", "exporter"]) {
    const { StackId = "" } = (await client.send(new cfn.DescribeStacksCommand({ StackName: name }))).Stacks?.[0] ?? {};
    await client.send(new cfn.DeleteStackCommand({ StackName: name }));
    assert.equal((await ended(client, StackId)).StackStatus, "DELETE_COMPLETE");
  }
  assert.deepEqual((await client.send(new cfn.ListExportsCommand({}))).Exports ?? [], []);
});

test("a template in S3, and its stages", async () => {
  const s3 = server.client(S3Client);
  await s3.send(new CreateBucketCommand({ Bucket: "templates" }));
  const body = "# as written\nResources:\n  Topic: {Type: AWS::SNS::Topic}\n";
  await s3.send(new PutObjectCommand({ Bucket: "templates", Key: "a/b.yml", Body: body }));
  assert.equal(
    (await create("from-s3", undefined, { TemplateURL: "https://templates.s3.amazonaws.com/a/b.yml" })).StackStatus,
    "CREATE_COMPLETE",
  );
  assert.equal(
    (await create("from-here", undefined, { TemplateURL: `${server.endpoint}/templates/a/b.yml` })).StackStatus,
    "CREATE_COMPLETE",
  );
  assert.equal((await client.send(new cfn.GetTemplateCommand({ StackName: "from-s3" }))).TemplateBody, body);
  await assert.rejects(create("nowhere", undefined, { TemplateURL: "https://templates.s3.amazonaws.com/none.yml" }), {
    message: /^S3 error: /,
  });
});

test("the stack's tags reach its resources", async () => {
  await create("tagged", "Resources: {Topic: {Type: AWS::SNS::Topic, Properties: {Tags: [{Key: own, Value: mine}]}}}\n", {
    Tags: [
      { Key: "team", Value: "blue" },
      { Key: "own", Value: "theirs" },
    ],
  });
  const { Topic } = await resourcesOf(client, "tagged");
  const { Tags = [] } = await sns.send(new ListTagsForResourceCommand({ ResourceArn: Topic?.PhysicalResourceId }));
  assert.deepEqual(Object.fromEntries(Tags.map(({ Key, Value }) => [Key, Value])), { own: "mine", team: "blue" });
});

test("conditions, mappings and rules", async () => {
  const text = `
Parameters: {Stage: {Type: String, AllowedValues: [dev, prod]}}
Rules: {NoProd: {Assertions: [{Assert: !Not [!Equals [!Ref Stage, prod]], AssertDescription: not in production}]}}
Mappings: {Names: {dev: {Shown: Development}}}
Conditions: {IsDev: !Equals [!Ref Stage, dev], IsProd: !Not [!Condition IsDev]}
Resources:
  Topic: {Type: AWS::SNS::Topic, Properties: {DisplayName: !FindInMap [Names, !Ref Stage, Shown]}}
  Never: {Type: AWS::SNS::Topic, Condition: IsProd}
Outputs: {Never: {Condition: IsProd, Value: !Ref Never}, Always: {Value: !If [IsDev, yes it is, no]}}
`;
  const stack = await create("branching", text, { Parameters: [{ ParameterKey: "Stage", ParameterValue: "dev" }] });
  assert.deepEqual(stack.Outputs, [{ OutputKey: "Always", OutputValue: "yes it is" }]);
  assert.deepEqual(Object.keys(await resourcesOf(client, "branching")), ["Topic"]);
  assert.equal(await displayName("branching"), "Development");
  await assert.rejects(create("forbidden", text, { Parameters: [{ ParameterKey: "Stage", ParameterValue: "prod" }] }), {
    message: /the rule NoProd does not hold: not in production/,
  });
  await assert.rejects(create("forbidden", text, { Parameters: [{ ParameterKey: "Stage", ParameterValue: "test" }] }), {
    message: "Parameter 'Stage' must be one of AllowedValues",
  });
});

const complaints: [name: string, text: string, message: RegExp][] = [
  [
    "a circle",
    "Resources:\n  A: {Type: AWS::SNS::Topic, DependsOn: B}\n  B: {Type: AWS::SNS::Topic, Properties: {DisplayName: !Ref A}}\n",
    /^Circular dependency between resources: \[A, B\]$/,
  ],
  [
    "nobody of that name",
    "Resources:\n  A:\n    Type: AWS::SNS::Topic\n    Properties:\n      DisplayName: !Ref Nobody\n",
    /^Template format error: Unresolved resource dependencies \[Nobody\] in the Resources block of the template \(line 5, Resources\.A\.Properties\.DisplayName\.Ref\)$/,
  ],
  [
    "no such attribute",
    "Resources:\n  A: {Type: AWS::SNS::Topic}\n  B: {Type: AWS::SNS::Topic, Properties: {DisplayName: !GetAtt A.Nope}}\n",
    /^Template error: resource A does not support attribute type Nope in Fn::GetAtt/,
  ],
  [
    "no such resource",
    "Resources:\n  B: {Type: AWS::SNS::Topic, Properties: {DisplayName: !GetAtt A.Nope}}\n",
    /^Template error: instance of Fn::GetAtt references undefined resource A/,
  ],
  ["no resources", "Resources: {}\n", /^Template format error: At least one Resources member must be defined\.$/],
  [
    "an unknown section",
    "Resourcez: {}\nResources: {A: {Type: AWS::SNS::Topic}}\n",
    /^Invalid template property or properties \[Resourcez\]/,
  ],
  [
    "the wrong type",
    "Resources: {A: {Type: AWS::SNS::Topic, Properties: {Subscription: no}}}\n",
    /^Value of property Subscription must be of type List of Subscription/,
  ],
  [
    "a property not built",
    "Resources: {A: {Type: AWS::SNS::Topic, Properties: {KmsMasterKeyId: x}}}\n",
    /^Property KmsMasterKeyId of AWS::SNS::Topic is not implemented by Mayfly/,
  ],
  [
    "a missing property",
    "Resources: {A: {Type: AWS::SNS::TopicPolicy, Properties: {Topics: []}}}\n",
    /^Property PolicyDocument cannot be empty/,
  ],
  [
    "an unknown transform",
    "Transform: AWS::Include\nResources: {A: {Type: AWS::SNS::Topic}}\n",
    /^Transform AWS::Include is not implemented by Mayfly$/,
  ],
  [
    "a resource in a condition",
    "Conditions: {C: !Equals [!Ref A, x]}\nResources: {A: {Type: AWS::SNS::Topic}}\n",
    /Unresolved dependencies \[A\]\. Cannot reference resources in the Conditions block of the template/,
  ],
];
for (const [name, text, message] of complaints) {
  test(`complains of ${name}, and makes nothing`, async () => {
    await assert.rejects(create("bad", text, { Capabilities: ["CAPABILITY_AUTO_EXPAND"] }), (error: Error) => {
      assert.equal(error.name, "ValidationError");
      assert.match(error.message, message);
      return true;
    });
    await assert.rejects(client.send(new cfn.DescribeStacksCommand({ StackName: "bad" })), { message: "Stack with id bad does not exist" });
  });
}

test("what is said of a template beforehand", async () => {
  const text =
    "Description: d\nParameters: {P: {Type: String, Default: x, NoEcho: true, Description: pd}}\nResources: {R: {Type: AWS::IAM::Group, Properties: {GroupName: g}}, T: {Type: AWS::SNS::Topic}}\n";
  const valid = await client.send(new cfn.ValidateTemplateCommand({ TemplateBody: text }));
  assert.deepEqual(valid.Capabilities, ["CAPABILITY_NAMED_IAM"]);
  assert.deepEqual(valid.Parameters, [{ ParameterKey: "P", DefaultValue: "x", NoEcho: true, Description: "pd" }]);
  assert.match(valid.CapabilitiesReason ?? "", /AWS::IAM::Group/);
  const summary = await client.send(new cfn.GetTemplateSummaryCommand({ TemplateBody: text }));
  assert.deepEqual(summary.ResourceTypes, ["AWS::IAM::Group", "AWS::SNS::Topic"]);
  await assert.rejects(
    client.send(
      new cfn.ValidateTemplateCommand({ TemplateBody: "Resources:\n  A:\n    Type: AWS::SNS::Topic\n    Type: AWS::SNS::Topic\n" }),
    ),
    { message: /YAML not well-formed\. \(line 4, column 5\): duplicate key "Type"/ },
  );
});

test("stack policies", async () => {
  const text = (name: string, shown: string) =>
    `Resources: {Topic: {Type: AWS::SNS::Topic, Properties: {TopicName: ${name}, DisplayName: ${shown}}}}\n`;
  const policy = JSON.stringify({ Statement: [{ Effect: "Allow", Action: "Update:Modify", Principal: "*", Resource: "*" }] });
  await create("guarded", text("guarded-a", "a"), { StackPolicyBody: policy });
  assert.equal((await client.send(new cfn.GetStackPolicyCommand({ StackName: "guarded" }))).StackPolicyBody, policy);
  await client.send(new cfn.UpdateStackCommand({ StackName: "guarded", TemplateBody: text("guarded-b", "a") }));
  const stack = await ended(client, "guarded");
  assert.equal(stack.StackStatus, "UPDATE_ROLLBACK_COMPLETE");
  await client.send(
    new cfn.UpdateStackCommand({
      StackName: "guarded",
      TemplateBody: text("guarded-b", "b"),
      StackPolicyDuringUpdateBody: policy.replace("Update:Modify", "Update:*"),
    }),
  );
  assert.equal((await ended(client, "guarded")).StackStatus, "UPDATE_COMPLETE");
  await assert.rejects(client.send(new cfn.SetStackPolicyCommand({ StackName: "guarded", StackPolicyBody: "{}" })), {
    message: /Invalid stack policy/,
  });
});
