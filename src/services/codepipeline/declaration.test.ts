import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { ActionDeclaration, PipelineDeclaration } from "@aws-sdk/client-codepipeline";
import { declarationOf } from "./declaration.ts";

const source = (more: Partial<ActionDeclaration> = {}): ActionDeclaration => ({
  name: "Get",
  actionTypeId: { category: "Source", owner: "AWS", provider: "CodeCommit", version: "1" },
  configuration: { RepositoryName: "r", BranchName: "main" },
  outputArtifacts: [{ name: "Src" }],
  namespace: "S",
  ...more,
});
const build = (more: Partial<ActionDeclaration> = {}): ActionDeclaration => ({
  name: "Make",
  actionTypeId: { category: "Build", owner: "AWS", provider: "CodeBuild", version: "1" },
  configuration: { ProjectName: "p" },
  inputArtifacts: [{ name: "Src" }],
  outputArtifacts: [{ name: "Out" }],
  ...more,
});
const deploy = (configuration: Record<string, string>): ActionDeclaration => ({
  name: "Put",
  actionTypeId: { category: "Deploy", owner: "AWS", provider: "CloudFormation", version: "1" },
  configuration,
  inputArtifacts: [{ name: "Src" }],
});
const approval = (more: Partial<ActionDeclaration> = {}): ActionDeclaration => ({
  name: "Ask",
  actionTypeId: { category: "Approval", owner: "AWS", provider: "Manual", version: "1" },
  ...more,
});
const pipeline = (stages: ActionDeclaration[][], more: Partial<PipelineDeclaration> = {}): PipelineDeclaration => ({
  name: "line",
  roleArn: "arn:aws:iam::123456789012:role/r",
  artifactStore: { type: "S3", location: "bucket" },
  stages: stages.map((actions, index) => ({ name: `Stage${index + 1}`, actions })),
  ...more,
});
const check = (input: PipelineDeclaration) => declarationOf(input, { region: "us-east-1" }, 3);

describe("declaration", () => {
  it("fills in what AWS fills in", () => {
    const { version, type, mode, bucket, stages } = check(pipeline([[source()], [build()]]));
    assert.deepEqual({ version, type, mode, bucket }, { version: 3, type: "V1", mode: "SUPERSEDED", bucket: "bucket" });
    assert.equal(stages[1]!.actions[0]!.runOrder, 1);
  });

  it("is V2 when it uses what only V2 has", () => {
    assert.equal(check(pipeline([[source()], [build()]], { executionMode: "QUEUED" })).type, "V2");
    assert.equal(check(pipeline([[source()], [build()]], { variables: [{ name: "v" }] })).type, "V2");
  });

  it("takes the stores of its own region", () => {
    const stores = { artifactStore: undefined, artifactStores: { "us-east-1": { type: "S3" as const, location: "here" } } };
    assert.equal(check(pipeline([[source()], [build()]], stores)).bucket, "here");
  });

  it("lets artifacts and variables of an earlier run order be used in the same stage", () => {
    const later = build({
      name: "Later",
      runOrder: 2,
      inputArtifacts: [{ name: "Out" }],
      outputArtifacts: [],
      configuration: { ProjectName: "#{B.x}" },
    });
    check(pipeline([[source()], [later, build({ namespace: "B" })]]));
  });

  const structure = "InvalidStructureException";
  const inAction = "InvalidActionDeclarationException";
  const inStage = "InvalidStageDeclarationException";
  const stages = (...all: PipelineDeclaration["stages"] & object) => pipeline([], { stages: all });
  const refused: [string, PipelineDeclaration, string, RegExp][] = [
    ["one stage", pipeline([[source()]]), structure, /has only 1 stage\(s\)\. There should be a minimum of 2/],
    ["no store", pipeline([[source()], [build()]], { artifactStore: undefined }), structure, /must contain an artifactStore/],
    ["two kinds of stores", pipeline([[source()], [build()]], { artifactStores: {} }), structure, /not both/],
    [
      "a store elsewhere",
      pipeline([[source()], [build()]], { artifactStore: undefined, artifactStores: { "eu-west-1": { type: "S3", location: "bbb" } } }),
      structure,
      /own region us-east-1/,
    ],
    [
      "an encryption key",
      pipeline([[source()], [build()]], { artifactStore: { type: "S3", location: "bbb", encryptionKey: { id: "k", type: "KMS" } } }),
      structure,
      /Not implemented: an encryptionKey/,
    ],
    [
      "triggers",
      pipeline([[source()], [build()]], {
        triggers: [{ providerType: "CodeStarSourceConnection", gitConfiguration: { sourceActionName: "Get" } }],
      }),
      structure,
      /Not implemented: triggers/,
    ],
    [
      "V1 with a mode of V2",
      pipeline([[source()], [build()]], { pipelineType: "V1", executionMode: "PARALLEL" }),
      structure,
      /type V1 cannot have the execution mode PARALLEL/,
    ],
    [
      "V1 with variables",
      pipeline([[source()], [build()]], { pipelineType: "V1", variables: [{ name: "v" }] }),
      structure,
      /type V1 cannot have variables/,
    ],
    [
      "the same variable twice",
      pipeline([[source()], [build()]], { variables: [{ name: "v" }, { name: "v" }] }),
      structure,
      /v occurs more than once/,
    ],
    [
      "a first stage that builds",
      pipeline([[source(), approval()], [build()]]),
      structure,
      /should start with a stage that only contains source actions/,
    ],
    [
      "a later source",
      pipeline([[source()], [source({ name: "Again", outputArtifacts: [{ name: "B" }], namespace: undefined })]]),
      structure,
      /Stage2 contains Again/,
    ],
    [
      "stages of one name",
      stages({ name: "A", actions: [source()] }, { name: "A", actions: [build()] }),
      structure,
      /Stage names must be unique/,
    ],
    ["an empty stage", pipeline([[source()], []]), inStage, /must have at least one action/],
    ["actions of one name", pipeline([[source()], [approval(), approval()]]), inStage, /more than one action Ask/],
    [
      "a condition",
      stages({ name: "A", actions: [source()] }, { name: "B", actions: [build()], onFailure: { result: "ROLLBACK" } }),
      inStage,
      /Not implemented: stage conditions \(onFailure of stage B\)/,
    ],
    [
      "blockers",
      stages({ name: "A", actions: [source()] }, { name: "B", actions: [build()], blockers: [{ name: "b", type: "Schedule" }] }),
      "InvalidBlockerDeclarationException",
      /blockers/,
    ],
    [
      "a custom action",
      pipeline([[source()], [build({ actionTypeId: { category: "Build", owner: "Custom", provider: "Jenkins", version: "1" } })]]),
      inAction,
      /ActionType \(Category: 'Build', Provider: 'Jenkins', Owner: 'Custom', Version: '1'\) in action 'Make' is not available in region US_EAST_1/,
    ],
    [
      "another version",
      pipeline([[source()], [build({ actionTypeId: { category: "Build", owner: "AWS", provider: "CodeBuild", version: "2" } })]]),
      inAction,
      /Version: '2'/,
    ],
    ["commands", pipeline([[source()], [build({ commands: ["ls"] })]]), inAction, /Not implemented: commands of action Make/],
    [
      "environment variables of an action",
      pipeline([[source()], [build({ environmentVariables: [{ name: "a", value: "b" }] })]]),
      inAction,
      /Not implemented: environmentVariables/,
    ],
    [
      "files of an artifact",
      pipeline([[source()], [build({ outputArtifacts: [{ name: "Out", files: ["x"] }] })]]),
      inAction,
      /Not implemented: files/,
    ],
    ["another region", pipeline([[source()], [build({ region: "eu-west-1" })]]), inAction, /Not implemented: the other region eu-west-1/],
    ["a timeout of a build", pipeline([[source()], [build({ timeoutInMinutes: 10 })]]), inAction, /only manual approval actions/],
    [
      "batch builds",
      pipeline([[source()], [build({ configuration: { ProjectName: "p", BatchEnabled: "true" } })]]),
      inAction,
      /not implemented: batch builds/,
    ],
    [
      "no input",
      pipeline([[source()], [build({ inputArtifacts: [] })]]),
      inAction,
      /Action Make declares 0 input artifacts which is less than the minimum count \(1\)/,
    ],
    [
      "two outputs of a source",
      pipeline([[source({ outputArtifacts: [{ name: "A" }, { name: "B" }] })], [build()]]),
      inAction,
      /declares 2 output artifacts which is more than the maximum count \(1\)/,
    ],
    [
      "an unknown input",
      pipeline([[source()], [build({ inputArtifacts: [{ name: "Other" }] })]]),
      inAction,
      /Input Artifact Bundle Other in action Make is not declared as Output Artifact Bundle in any of the preceding actions/,
    ],
    [
      "an input made at the same time",
      pipeline([[source()], [build(), build({ name: "Too", inputArtifacts: [{ name: "Out" }], outputArtifacts: [] })]]),
      inAction,
      /Input Artifact Bundle Out in action Too/,
    ],
    [
      "an output twice",
      pipeline([[source()], [build({ outputArtifacts: [{ name: "Src" }] })]]),
      inAction,
      /Src has been used more than once/,
    ],
    [
      "an unknown setting",
      pipeline([[source()], [build({ configuration: { ProjectName: "p", Nope: "1" } })]]),
      inAction,
      /Action configuration for action 'Make' contains unknown configuration 'Nope'/,
    ],
    [
      "a missing setting",
      pipeline([[source()], [build({ configuration: {} })]]),
      inAction,
      /Action configuration for action 'Make' is missing required configuration 'ProjectName'/,
    ],
    [
      "a wrong value",
      pipeline([[source()], [deploy({ ActionMode: "MAYBE", StackName: "s" })]]),
      inAction,
      /the value 'MAYBE' for 'ActionMode'/,
    ],
    [
      "a mode without its settings",
      pipeline([[source()], [deploy({ ActionMode: "CHANGE_SET_REPLACE", StackName: "s", RoleArn: "r" })]]),
      inAction,
      /requires the configuration TemplatePath, ChangeSetName/,
    ],
    [
      "a template of no artifact",
      pipeline([[source()], [deploy({ ActionMode: "CREATE_UPDATE", StackName: "s", RoleArn: "r", TemplatePath: "Other::t.yml" })]]),
      inAction,
      /refers to the artifact Other/,
    ],
    [
      "a template without artifact",
      pipeline([[source()], [deploy({ ActionMode: "CREATE_UPDATE", StackName: "s", RoleArn: "r", TemplatePath: "t.yml" })]]),
      inAction,
      /form ArtifactName::FileName/,
    ],
    [
      "a namespace twice",
      pipeline([[source()], [build({ namespace: "S" })]]),
      inAction,
      /Namespaces must be unique.*StageName=\[Stage1\], ActionName=\[Get\], Namespace=\[S\]; StageName=\[Stage2\]/,
    ],
    ["a reserved namespace", pipeline([[source()], [build({ namespace: "variables" })]]), inAction, /reserved/],
    [
      "a variable that is none",
      pipeline([[source()], [build({ configuration: { ProjectName: "#{x}" } })]]),
      inAction,
      /not well-formed.*#\{x\}/,
    ],
    [
      "a variable of nobody",
      pipeline([[source()], [build({ configuration: { ProjectName: "#{No.x}" } })]]),
      inAction,
      /namespace that does not exist. StageName=\[Stage2\], ActionName=\[Make\]/,
    ],
    [
      "a variable of a later action",
      pipeline([[source()], [build({ configuration: { ProjectName: "#{A.x}" } })], [approval({ namespace: "A" })]]),
      inAction,
      /does not exist/,
    ],
    [
      "a pipeline variable in a source",
      pipeline([[source({ configuration: { RepositoryName: "#{variables.v}", BranchName: "b" } })], [build()]], {
        variables: [{ name: "v" }],
      }),
      inAction,
      /cannot be used in source actions/,
    ],
    [
      "a pipeline variable that is not declared",
      pipeline([[source()], [build({ configuration: { ProjectName: "#{variables.v}" } })]]),
      inAction,
      /do not exist.*#\{variables.v\}/,
    ],
    [
      "two inputs without a primary one",
      pipeline([
        [source(), source({ name: "Two", outputArtifacts: [{ name: "Src2" }], namespace: undefined })],
        [build({ inputArtifacts: [{ name: "Src" }, { name: "Src2" }] })],
      ]),
      inAction,
      /PrimarySource must name/,
    ],
    [
      "variables that are no JSON",
      pipeline([[source()], [build({ configuration: { ProjectName: "p", EnvironmentVariables: "{" } })]]),
      inAction,
      /must be a JSON array/,
    ],
  ];
  for (const [what, input, name, message] of refused)
    it(`refuses ${what}`, () =>
      assert.throws(
        () => check(input),
        (error: Error) => error.name === name && message.test(error.message),
      ));
});
