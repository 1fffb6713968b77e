import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { CloudFormationClient, DescribeStacksCommand, type Stack } from "@aws-sdk/client-cloudformation";
import * as sdk from "@aws-sdk/client-codepipeline";
import { CreateRoleCommand, IAMClient } from "@aws-sdk/client-iam";
import { ListTopicsCommand, SNSClient } from "@aws-sdk/client-sns";
import { approval, bucket, furnish, openWorkshop, s3Source, type Workshop } from "./workshop.ts";

let shop: Workshop;
let stacks: CloudFormationClient;
before(async () => {
  shop = await openWorkshop();
  await furnish(shop);
  stacks = shop.server.client(CloudFormationClient);
  const trust = {
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Principal: { Service: "cloudformation.amazonaws.com" }, Action: "sts:AssumeRole" }],
  };
  await shop.server.client(IAMClient).send(new CreateRoleCommand({ RoleName: "stacks", AssumeRolePolicyDocument: JSON.stringify(trust) }));
});
after(() => shop.server.stop());

const template = (topic: string, more = "") => `
Parameters:
  Name: { Type: String, Default: ${topic} }
  Bucket: { Type: String, Default: "" }
  Key: { Type: String, Default: "" }
  Display: { Type: String, Default: "" }
Resources:
  Topic:
    Type: AWS::SNS::Topic
    Properties: { TopicName: !Ref Name, DisplayName: !Ref Display }
${more}
Outputs:
  Topic: { Value: !Ref Topic }
  From: { Value: !Sub "\${Bucket}/\${Key}" }
  Display: { Value: !Ref Display }
`;

const stackAction = (
  name: string,
  configuration: Record<string, string>,
  more: Partial<sdk.ActionDeclaration> = {},
): sdk.ActionDeclaration => ({
  name,
  actionTypeId: { category: "Deploy", owner: "AWS", provider: "CloudFormation", version: "1" },
  configuration: { RoleArn: `arn:aws:iam::${shop.server.account}:role/stacks`, ...configuration },
  ...more,
});
const withInput = { inputArtifacts: [{ name: "Src" }] };

const stack = async (StackName: string): Promise<Stack | undefined> => {
  try {
    return (await stacks.send(new DescribeStacksCommand({ StackName }))).Stacks?.[0];
  } catch (error) {
    if (/does not exist/.test((error as Error).message)) return undefined;
    throw error;
  }
};
const details = async (pipelineName: string) => {
  const { actionExecutionDetails } = await shop.client.send(new sdk.ListActionExecutionsCommand({ pipelineName }));
  return (name: string) => actionExecutionDetails!.find(({ actionName }) => actionName === name)!;
};

describe("CREATE_UPDATE", () => {
  it("takes parameters, tags and outputs from and to artifacts", async () => {
    await shop.putSource({
      "t/topic.yml": template("made"),
      "config.json": JSON.stringify({ Parameters: { Name: "beaten", Display: "from file" }, Tags: { team: "a" } }),
      "values.json": JSON.stringify({ name: "given" }),
    });
    const deploy = stackAction(
      "Stack",
      {
        ActionMode: "CREATE_UPDATE",
        StackName: "made",
        TemplatePath: "Src::t/topic.yml",
        TemplateConfiguration: "Src::config.json",
        ParameterOverrides: JSON.stringify({
          Name: { "Fn::GetParam": ["Src", "values.json", "name"] },
          Bucket: { "Fn::GetArtifactAtt": ["Src", "BucketName"] },
          Key: { "Fn::GetArtifactAtt": ["Src", "ObjectKey"] },
        }),
        OutputFileName: "outputs.json",
      },
      { ...withInput, outputArtifacts: [{ name: "Outs" }], namespace: "Stack" },
    );
    await shop.create("makes", [[s3Source()], [deploy], [approval("Ask", { configuration: { CustomData: "#{Stack.Topic}" } })]]);
    await shop.server.idle();
    const of = await details("makes");
    const { key } = of("Get").output!.outputArtifacts![0]!.s3location!;
    const topic = `arn:aws:sns:us-east-1:${shop.server.account}:given`;
    const outputs = { Topic: topic, From: `${bucket}/${key}`, Display: "from file" };
    assert.deepEqual(of("Stack").output!.outputVariables, outputs, JSON.stringify(of("Stack").output));
    assert.equal(of("Ask").input!.resolvedConfiguration!.CustomData, topic);
    assert.deepEqual((await stack("made"))!.Tags, [{ Key: "team", Value: "a" }]);
    assert.equal((await stack("made"))!.RoleARN, `arn:aws:iam::${shop.server.account}:role/stacks`);
    const written = of("Stack").output!.outputArtifacts![0]!.s3location!;
    const zip = await shop.read(written.bucket!, written.key!);
    assert.ok(zip.includes("outputs.json"));
  });

  it("updates a stack that is there", async () => {
    const before = (await stack("made"))!;
    await shop.start("makes");
    await shop.server.idle();
    assert.equal((await shop.state("makes"))[0]!.latestExecution!.status, "Succeeded");
    await shop.approve("makes", "Deploy", "Ask");
    await shop.server.idle();
    assert.equal((await details("makes"))("Stack").status, "Succeeded");
    const after = (await stack("made"))!;
    assert.equal(after.StackStatus, "UPDATE_COMPLETE");
    assert.notDeepEqual(after.Outputs, before.Outputs, "the artifact's key is another");
  });

  it("tells why the stack failed", async () => {
    await shop.putSource(
      { "bad.yml": template("bad", "  Second: { Type: AWS::SNS::Topic, Properties: { TopicName: 'no spaces please' } }") },
      "bad.zip",
    );
    const configuration = { ActionMode: "CREATE_UPDATE", StackName: "bad", TemplatePath: "Src::bad.yml" };
    await shop.create("bad", [[s3Source({ S3ObjectKey: "bad.zip" })], [stackAction("Stack", configuration, withInput)]]);
    await shop.server.idle();
    const { message, code } = (await shop.action("bad", "Stack"))!.errorDetails!;
    assert.equal(code, "JobFailed");
    assert.match(message!, /Stack bad ended in ROLLBACK_COMPLETE\. (Second|Topic) \(AWS::SNS::Topic\) CREATE_FAILED: ./);
  });

  const wrong: [string, Record<string, string>, RegExp][] = [
    ["a template that is not there", { TemplatePath: "Src::none.yml" }, /File \[none.yml\] does not exist in artifact \[Src\]/],
    [
      "a parameter of a file that is not there",
      { ParameterOverrides: '{"Name":{"Fn::GetParam":["Src","no.json","x"]}}' },
      /File \[no.json\] does not exist/,
    ],
    ["an unknown function", { ParameterOverrides: '{"Name":{"Fn::GetAtt":["Src","x"]}}' }, /ParameterOverrides: Name must be a string/],
    ["a parameter that the template does not have", { ParameterOverrides: '{"Other":"x"}' }, /Other/],
    ["no JSON", { ParameterOverrides: "Name=x" }, /ParameterOverrides is not valid JSON/],
  ];
  for (const [what, configuration, complaint] of wrong)
    it(`fails for ${what}, and touches no stack`, async () => {
      const name = what.replaceAll(/[^a-z]+/gi, "-");
      const all = { ActionMode: "CREATE_UPDATE", StackName: name, TemplatePath: "Src::t/topic.yml", ...configuration };
      await shop.create(name, [[s3Source()], [stackAction("Stack", all, withInput)]]);
      await shop.server.idle();
      const state = await shop.action(name, "Stack");
      assert.equal(state!.status, "Failed");
      assert.match(state!.errorDetails!.message!, complaint);
      assert.equal(await stack(name), undefined);
    });
});

describe("change sets", () => {
  it("are made and executed, with the outputs as variables", async () => {
    await shop.putSource({ "t.yml": template("changed") }, "changes.zip");
    const names = { StackName: "changed", ChangeSetName: "changeset" };
    const make = stackAction("Make", { ...names, ActionMode: "CHANGE_SET_REPLACE", TemplatePath: "Src::t.yml" }, withInput);
    const execute = stackAction("Execute", { ...names, ActionMode: "CHANGE_SET_EXECUTE" }, { runOrder: 3, namespace: "Done" });
    await shop.create("changes", [[s3Source({ S3ObjectKey: "changes.zip" })], [make, approval("Ask", { runOrder: 2 }), execute]]);
    await shop.server.idle();
    assert.equal((await stack("changed"))!.StackStatus, "REVIEW_IN_PROGRESS");
    await shop.approve("changes", "Build", "Ask");
    const of = await details("changes");
    assert.equal(of("Execute").status, "Succeeded", JSON.stringify(of("Execute").output));
    assert.equal(of("Execute").output!.outputVariables!.Topic, `arn:aws:sns:us-east-1:${shop.server.account}:changed`);
    assert.match(of("Make").output!.executionResult!.externalExecutionId!, /:changeSet\/changeset\//);
    assert.equal((await stack("changed"))!.StackStatus, "CREATE_COMPLETE");
  });

  it("without changes are a success twice, and change nothing", async () => {
    const before = await stack("changed");
    await shop.start("changes");
    await shop.server.idle();
    await shop.approve("changes", "Build", "Ask");
    assert.deepEqual(await shop.statuses("changes"), ["Succeeded", "Succeeded"]);
    assert.match((await details("changes"))("Make").output!.executionResult!.externalExecutionSummary!, /contains no changes/);
    assert.deepEqual(await stack("changed"), before);
  });

  it("that are not there fail", async () => {
    const none = { StackName: "changed", ChangeSetName: "none", ActionMode: "CHANGE_SET_EXECUTE" };
    await shop.create("none", [[s3Source()], [stackAction("Execute", none)]]);
    await shop.server.idle();
    assert.match((await shop.action("none", "Execute"))!.errorDetails!.message!, /Change set none of stack changed does not exist/);
  });
});

describe("REPLACE_ON_FAILURE and DELETE_ONLY", () => {
  it("replace a stack that failed", async () => {
    assert.equal((await stack("bad"))!.StackStatus, "ROLLBACK_COMPLETE");
    await shop.putSource({ "t.yml": template("replaced") }, "good.zip");
    const configuration = { ActionMode: "REPLACE_ON_FAILURE", StackName: "bad", TemplatePath: "Src::t.yml" };
    await shop.create("replaces", [[s3Source({ S3ObjectKey: "good.zip" })], [stackAction("Stack", configuration, withInput)]]);
    await shop.server.idle();
    assert.equal((await shop.action("replaces", "Stack"))!.status, "Succeeded", JSON.stringify(await shop.action("replaces", "Stack")));
    assert.equal((await stack("bad"))!.StackStatus, "CREATE_COMPLETE");
  });

  it("delete a stack, and are content when there is none", async () => {
    const remove = stackAction("Remove", { ActionMode: "DELETE_ONLY", StackName: "bad" });
    await shop.create("deletes", [[s3Source()], [remove]]);
    await shop.server.idle();
    assert.equal(await stack("bad"), undefined);
    const { Topics } = await shop.server.client(SNSClient).send(new ListTopicsCommand());
    assert.ok(!Topics!.some(({ TopicArn }) => TopicArn!.endsWith(":replaced")));
    await shop.start("deletes");
    await shop.server.idle();
    assert.deepEqual(await shop.statuses("deletes"), ["Succeeded", "Succeeded"]);
  });
});

describe("a large template", () => {
  it("goes by the artifact bucket", async () => {
    const big = template("large", `  # ${"x".repeat(60_000)}\n`);
    await shop.putSource({ "big.yml": big }, "big.zip");
    const configuration = { ActionMode: "CREATE_UPDATE", StackName: "large", TemplatePath: "Src::big.yml" };
    await shop.create("large", [[s3Source({ S3ObjectKey: "big.zip" })], [stackAction("Stack", configuration, withInput)]]);
    await shop.server.idle();
    assert.equal((await shop.action("large", "Stack"))!.status, "Succeeded", JSON.stringify(await shop.action("large", "Stack")));
  });

  it("that is the stack's already is a success", async () => {
    await shop.start("large");
    await shop.server.idle();
    const { status, summary } = (await shop.action("large", "Stack"))!;
    assert.deepEqual([status, summary], ["Succeeded", "No updates are to be performed."]);
    assert.equal((await stack("large"))!.StackStatus, "CREATE_COMPLETE");
  });
});
