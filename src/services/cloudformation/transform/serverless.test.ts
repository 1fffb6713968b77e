/** Expected ids, hashes and messages are those of AWS's own translator (aws-sam-translator 1.110). */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Template } from "../template/template.ts";
import type { ValueMap } from "../template/value.ts";
import { expandServerless } from "./serverless.ts";

const facts = { region: "us-east-1", account: "123456789012", partition: "aws" };
const transform = (resources: Record<string, unknown>, sections: object = {}) =>
  expandServerless(
    { Transform: "AWS::Serverless-2016-10-31", Resources: resources, ...sections } as unknown as Template,
    facts,
  ) as unknown as {
    Resources: Record<string, ValueMap & { Properties: ValueMap }>;
    Outputs: ValueMap;
    Conditions: ValueMap;
  };
/** A function with these properties besides the usual ones; undefined takes one away. */
const fn = (properties: Record<string, unknown> = {}, attributes: object = {}) => ({
  Type: "AWS::Serverless::Function",
  ...attributes,
  Properties: Object.fromEntries(
    Object.entries({ Handler: "i.h", Runtime: "nodejs20.x", CodeUri: "s3://b/k", ...properties }).filter(
      ([, value]) => value !== undefined,
    ),
  ),
});
const layer = (properties: object, attributes: object = {}) => ({
  Type: "AWS::Serverless::LayerVersion",
  ...attributes,
  Properties: properties,
});
const condition = { Conditions: { C: { "Fn::Equals": ["a", "b"] } } };
const nothing = { Ref: "AWS::NoValue" };

test("a plain function and the role it gets", () => {
  const { Resources } = transform({ F: fn({ Tags: { a: "b" }, MemorySize: 256 }) });
  const tags = [
    { Key: "lambda:createdBy", Value: "SAM" },
    { Key: "a", Value: "b" },
  ];
  assert.deepEqual(Resources, {
    F: {
      Type: "AWS::Lambda::Function",
      Properties: {
        Code: { S3Bucket: "b", S3Key: "k" },
        Handler: "i.h",
        Runtime: "nodejs20.x",
        MemorySize: 256,
        Role: { "Fn::GetAtt": ["FRole", "Arn"] },
        Tags: tags,
      },
    },
    FRole: {
      Type: "AWS::IAM::Role",
      Properties: {
        AssumeRolePolicyDocument: {
          Version: "2012-10-17",
          Statement: [{ Action: ["sts:AssumeRole"], Effect: "Allow", Principal: { Service: ["lambda.amazonaws.com"] } }],
        },
        ManagedPolicyArns: ["arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"],
        Tags: tags,
      },
    },
  });
});

const ids: [string, Record<string, unknown>, string][] = [
  [
    "the tutorial's first function",
    { Handler: "a::b", Runtime: "java8", MemorySize: 256, Timeout: 10, AutoPublishAlias: "live" },
    "F FVersion5c6b603bfd FAliaslive FRole",
  ],
  [
    "inline code beyond ASCII",
    { CodeUri: undefined, InlineCode: "exports.h=()=>'é\u2028😀\"'", AutoPublishAlias: "live" },
    "F FVersion59de527127 FAliaslive FRole",
  ],
  [
    "a map as location; an alias with other letters",
    { CodeUri: { Bucket: "b", Key: "k", Version: "v" }, AutoPublishAlias: "my-al_ias" },
    "F FVersionda1ed9c8da FAliasmyDalUias FRole",
  ],
  [
    "environment, memory and snapshots count",
    {
      Environment: { Variables: { B: "2", A: { Ref: "T" } } },
      AutoPublishAlias: "live",
      MemorySize: 512,
      SnapStart: { ApplyOn: "PublishedVersions" },
    },
    "F FVersiona4ae51940a FAliaslive FRole",
  ],
  [
    "the hash that is given",
    { AutoPublishAlias: "live", AutoPublishCodeSha256: "abcdef0123456789" },
    "F FVersionabcdef0123 FAliaslive FRole",
  ],
  [
    "every property, when asked for",
    { AutoPublishAlias: "live", AutoPublishAliasAllProperties: true, Role: "arn:r", FunctionName: "fn" },
    "F FVersion7c58bfd556 FAliaslive",
  ],
  ["a function's address", { FunctionUrlConfig: { AuthType: "NONE" } }, "F FUrl FUrlPublicPermissions FURLInvokeAllowPublicAccess FRole"],
  ["an address for signed calls", { FunctionUrlConfig: { AuthType: "AWS_IAM" } }, "F FUrl FRole"],
  ["a role of its own", { Role: "arn:aws:iam::123456789012:role/r" }, "F"],
  ["an image", { CodeUri: undefined, Handler: undefined, Runtime: undefined, PackageType: "Image", ImageUri: "x/y:z" }, "F FRole"],
];
for (const [name, properties, expected] of ids) {
  test(`logical ids: ${name}`, () =>
    assert.deepEqual(Object.keys(transform({ F: fn(properties) }).Resources).sort(), expected.split(" ").sort()));
}

test("a published version stays, and the alias points to it", () => {
  const { Resources } = transform({
    F: fn({ AutoPublishAlias: "live", VersionDescription: "v", AutoPublishCodeSha256: "0123456789ab", Description: "d" }),
  });
  assert.deepEqual(Resources.FVersion0123456789, {
    Type: "AWS::Lambda::Version",
    DeletionPolicy: "Retain",
    Properties: { FunctionName: { Ref: "F" }, Description: "v" },
  });
  assert.deepEqual(Resources.FAliaslive, {
    Type: "AWS::Lambda::Alias",
    Properties: { Name: "live", FunctionName: { Ref: "F" }, FunctionVersion: { "Fn::GetAtt": ["FVersion0123456789", "Version"] } },
  });
  assert.equal(Resources.F?.Properties.Description, "d 0123456789ab");
});

test("the version changes with the code's address, and with nothing that does not matter", () => {
  const version = (properties: object) =>
    Object.keys(transform({ F: fn({ AutoPublishAlias: "live", ...properties }) }).Resources).find((id) => id.startsWith("FVersion"));
  assert.notEqual(version({}), version({ CodeUri: "s3://b/other" }));
  assert.equal(version({}), version({ Timeout: 3, Description: "x", Policies: ["ReadOnlyAccess"] }));
});

test("policies: names, ARNs, documents, templates", () => {
  const document = { Version: "2012-10-17", Statement: [{ Effect: "Allow", Action: "a", Resource: "*" }] };
  const { Resources } = transform({
    F: fn({
      Policies: [
        "AmazonS3ReadOnlyAccess",
        "AWSLambdaBasicExecutionRole",
        "arn:aws:iam::1:policy/x",
        { Ref: "P" },
        document,
        { S3ReadPolicy: { BucketName: { Ref: "B" } } },
      ],
      Tracing: "Active",
      VpcConfig: { SubnetIds: ["s"] },
      DeadLetterQueue: { Type: "SNS", TargetArn: "arn:t" },
    }),
  });
  const { ManagedPolicyArns, Policies } = Resources.FRole?.Properties ?? {};
  assert.deepEqual(ManagedPolicyArns, [
    "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole",
    "arn:aws:iam::aws:policy/AWSXrayWriteOnlyAccess",
    "arn:aws:iam::aws:policy/service-role/AWSLambdaVPCAccessExecutionRole",
    "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess",
    "arn:aws:iam::1:policy/x",
    { Ref: "P" },
  ]);
  const sub = (text: string) => ({ "Fn::Sub": [text, { bucketName: { Ref: "B" } }] });
  assert.deepEqual(Policies, [
    {
      PolicyName: "DeadLetterQueuePolicy",
      PolicyDocument: { Version: "2012-10-17", Statement: [{ Action: "sns:Publish", Resource: "arn:t", Effect: "Allow" }] },
    },
    { PolicyName: "FRolePolicy4", PolicyDocument: document },
    {
      PolicyName: "FRolePolicy5",
      PolicyDocument: {
        Statement: [
          {
            Action: ["s3:GetObject", "s3:ListBucket", "s3:GetBucketLocation", "s3:GetObjectVersion", "s3:GetLifecycleConfiguration"],
            Effect: "Allow",
            Resource: [sub("arn:${AWS::Partition}:s3:::${bucketName}"), sub("arn:${AWS::Partition}:s3:::${bucketName}/*")],
          },
        ],
      },
    },
  ]);
});

test("policies behind a condition", () => {
  const { Resources } = transform(
    { F: fn({ Policies: [{ "Fn::If": ["C", "AmazonS3FullAccess", nothing] }, { "Fn::If": ["C", nothing, { Statement: [] }] }] }) },
    condition,
  );
  assert.deepEqual((Resources.FRole?.Properties.ManagedPolicyArns as unknown[] | undefined)?.[1], {
    "Fn::If": ["C", "arn:aws:iam::aws:policy/AmazonS3FullAccess", nothing],
  });
  assert.deepEqual(Resources.FRole?.Properties.Policies, [
    { "Fn::If": ["C", nothing, { PolicyName: "FRolePolicy1", PolicyDocument: { Statement: [] } }] },
  ]);
});

test("a role that is made only where none is given", () => {
  const { Resources, Conditions } = transform({ F: fn({ Role: { "Fn::If": ["C", "arn:x", nothing] } }) }, condition);
  assert.deepEqual(Resources.F?.Properties.Role, { "Fn::If": ["C", "arn:x", { "Fn::GetAtt": ["FRole", "Arn"] }] });
  assert.equal(Resources.FRole?.Condition, "NOTC");
  assert.deepEqual(Conditions.NOTC, { "Fn::Not": [{ Condition: "C" }] });
});

test("globals join what a function says itself", () => {
  const Globals = {
    Function: {
      Runtime: "java8",
      Timeout: 5,
      Environment: { Variables: { A: "g", Z: "g" } },
      Layers: ["arn:1"],
      VpcConfig: { SubnetIds: ["x"] },
    },
  };
  const own = { Runtime: undefined, Environment: { Variables: { A: "own" } }, Layers: ["arn:2"], VpcConfig: nothing };
  const { Resources } = transform(
    { F: fn(own), G: fn({}, { IgnoreGlobals: ["Environment", "Layers", "VpcConfig"] }), H: fn({}, { IgnoreGlobals: "*" }) },
    { Globals },
  );
  const { Runtime, Timeout, Environment, Layers, VpcConfig } = Resources.F?.Properties ?? {};
  assert.deepEqual(
    { Runtime, Timeout, Environment, Layers, VpcConfig },
    { Runtime: "java8", Timeout: 5, Environment: { Variables: { A: "own", Z: "g" } }, Layers: ["arn:1", "arn:2"], VpcConfig: nothing },
  );
  assert.equal(Resources.G?.Properties.Environment, undefined);
  assert.equal(Resources.G?.Properties.Timeout, 5);
  assert.equal(Resources.H?.Properties.Timeout, undefined);
});

const events = {
  Sch: { Type: "Schedule", Properties: { Schedule: "rate(5 minutes)", Input: "{}", Enabled: false, Name: "n" } },
  Rule: {
    Type: "EventBridgeRule",
    Properties: {
      Pattern: { source: ["a"] },
      EventBusName: "bus",
      RetryPolicy: { MaximumRetryAttempts: 1 },
      DeadLetterConfig: { Arn: "arn:d" },
    },
  },
  Sns: { Type: "SNS", Properties: { Topic: { Ref: "T" }, FilterPolicy: { a: ["b"] } } },
  Logs: { Type: "CloudWatchLogs", Properties: { LogGroupName: "/x", FilterPattern: "y" } },
  Put: { Type: "S3", Properties: { Bucket: { Ref: "B" }, Events: ["s3:ObjectCreated:*"], Filter: { S3Key: { Rules: [] } } } },
};
test("events of an aliased function invoke the alias", () => {
  const { Resources } = transform({
    F: fn({ Events: events, AutoPublishAlias: "live" }),
    T: { Type: "AWS::SNS::Topic" },
    B: { Type: "AWS::S3::Bucket", DependsOn: "T" },
  });
  const alias = { Ref: "FAliaslive" };
  const permission = (Principal: string, source: object) => ({
    Type: "AWS::Lambda::Permission",
    Properties: { Action: "lambda:InvokeFunction", FunctionName: alias, Principal, ...source },
  });
  const expected = {
    FSch: {
      Type: "AWS::Events::Rule",
      Properties: {
        ScheduleExpression: "rate(5 minutes)",
        Name: "n",
        State: "DISABLED",
        Targets: [{ Arn: alias, Id: "FSchLambdaTarget", Input: "{}" }],
      },
    },
    FSchPermission: permission("events.amazonaws.com", { SourceArn: { "Fn::GetAtt": ["FSch", "Arn"] } }),
    FRule: {
      Type: "AWS::Events::Rule",
      Properties: {
        EventBusName: "bus",
        EventPattern: { source: ["a"] },
        Targets: [{ Arn: alias, Id: "FRuleLambdaTarget", DeadLetterConfig: { Arn: "arn:d" }, RetryPolicy: { MaximumRetryAttempts: 1 } }],
      },
    },
    FSns: {
      Type: "AWS::SNS::Subscription",
      Properties: { Protocol: "lambda", Endpoint: alias, TopicArn: { Ref: "T" }, FilterPolicy: { a: ["b"] } },
    },
    FSnsPermission: permission("sns.amazonaws.com", { SourceArn: { Ref: "T" } }),
    FLogs: {
      Type: "AWS::Logs::SubscriptionFilter",
      DependsOn: ["FLogsPermission"],
      Properties: { LogGroupName: "/x", FilterPattern: "y", DestinationArn: alias },
    },
    FPutPermission: permission("s3.amazonaws.com", { SourceAccount: { Ref: "AWS::AccountId" } }),
    B: {
      Type: "AWS::S3::Bucket",
      DependsOn: ["T", "FPutPermission"],
      Properties: {
        NotificationConfiguration: {
          LambdaConfigurations: [{ Function: alias, Filter: { S3Key: { Rules: [] } }, Event: "s3:ObjectCreated:*" }],
        },
      },
    },
  };
  for (const [id, resource] of Object.entries(expected)) assert.deepEqual(Resources[id], resource, id);
});

test("what stands beside the properties is passed on", () => {
  const attributes = { Condition: "C", DependsOn: "T", Metadata: { a: 1 }, DeletionPolicy: "Delete", UpdateReplacePolicy: "Retain" };
  const { Resources } = transform(
    { F: fn({ AutoPublishAlias: "live", AutoPublishCodeSha256: "0123456789" }, attributes), T: { Type: "AWS::SNS::Topic" } },
    condition,
  );
  const { Type, Properties, ...own } = Resources.F ?? {};
  assert.deepEqual(own, attributes);
  for (const id of ["FRole", "FAliaslive", "FVersion0123456789"]) {
    const { Type: _, Properties: __, ...passed } = Resources[id] ?? {};
    assert.deepEqual(passed, { Condition: "C", DeletionPolicy: "Delete", UpdateReplacePolicy: "Retain" }, id);
  }
});

test("asynchronous invocations", () => {
  const config = {
    MaximumRetryAttempts: 1,
    DestinationConfig: { OnSuccess: { Type: "SNS" }, OnFailure: { Type: "Lambda", Destination: "arn:l" } },
  };
  const { Resources, Outputs } = transform(
    { F: fn({ AutoPublishAlias: "live", EventInvokeConfig: config }) },
    { Outputs: { O: { Value: { Ref: "F.DestinationTopic" } } } },
  );
  const topic = "FEventInvokeConfigOnSuccessTopic";
  assert.deepEqual(Resources.FEventInvokeConfig, {
    Type: "AWS::Lambda::EventInvokeConfig",
    DependsOn: ["FAliaslive"],
    Properties: {
      FunctionName: { Ref: "F" },
      Qualifier: "live",
      DestinationConfig: { OnSuccess: { Destination: { Ref: topic } }, OnFailure: { Destination: "arn:l" } },
      MaximumRetryAttempts: 1,
    },
  });
  assert.equal(Resources[topic]?.Type, "AWS::SNS::Topic");
  assert.deepEqual(Outputs.O, { Value: { Ref: topic } });
});

test("layers: a new logical id for each content, and references follow it", () => {
  const { Resources, Outputs } = transform(
    {
      L: layer(
        { ContentUri: "s3://b/l", Description: "d", CompatibleRuntimes: ["nodejs20.x"], LicenseInfo: "MIT", RetentionPolicy: "delete" },
        { DependsOn: "T", Metadata: { m: 1 } },
      ),
      F: fn({ Layers: [{ Ref: "L" }] }, { DependsOn: ["L", "T"] }),
      T: { Type: "AWS::SNS::Topic" },
    },
    { Outputs: { A: { Value: { "Fn::Sub": ["${L}-${L.Arn}-${!L}-${x}", { x: { "Fn::GetAtt": ["L", "Arn"] } }] } } } },
  );
  const id = "L275539dd09";
  assert.deepEqual(Resources[id], {
    Type: "AWS::Lambda::LayerVersion",
    DependsOn: "T",
    DeletionPolicy: "Delete",
    Properties: {
      LayerName: "L",
      Description: "d",
      Content: { S3Bucket: "b", S3Key: "l" },
      CompatibleRuntimes: ["nodejs20.x"],
      LicenseInfo: "MIT",
    },
  });
  assert.deepEqual(Resources.F?.Properties.Layers, [{ Ref: id }]);
  assert.deepEqual(Resources.F?.DependsOn, [id, "T"]);
  assert.deepEqual(Outputs.A, { Value: { "Fn::Sub": [`\${${id}}-\${${id}.Arn}-\${!L}-\${x}`, { x: { "Fn::GetAtt": [id, "Arn"] } }] } });
  assert.equal(Resources.L, undefined);
});

test("references to what a function has published", () => {
  const Outputs = {
    A: { Value: { Ref: "F.Version" } },
    B: { Value: { Ref: "F.Alias" } },
    C: { Value: { "Fn::GetAtt": ["F", "Arn"] } },
    D: { Value: { "Fn::GetAtt": ["F.Version", "Version"] } },
    E: { Value: { "Fn::GetAtt": ["F", "Version.Version"] } },
    G: { Value: { "Fn::Sub": "${F.Alias} ${F.Version.Version} ${!F.Alias} ${F} ${F.Arn}" } },
    H: { Value: { Ref: "F.Nothing" } },
  };
  const result = transform({ F: fn({ AutoPublishAlias: "live", AutoPublishCodeSha256: "0123456789" }) }, { Outputs }).Outputs;
  const version = "FVersion0123456789";
  assert.deepEqual(result, {
    A: { Value: { Ref: version } },
    B: { Value: { Ref: "FAliaslive" } },
    C: { Value: { "Fn::GetAtt": ["F", "Arn"] } },
    D: { Value: { "Fn::GetAtt": [version, "Version"] } },
    E: { Value: { "Fn::GetAtt": [version, "Version"] } },
    G: { Value: { "Fn::Sub": `\${FAliaslive} \${${version}.Version} \${!F.Alias} \${F} \${F.Arn}` } },
    H: { Value: { Ref: "F.Nothing" } },
  });
});

const spec = "Invalid Serverless Application Specification document. Number of errors found:";
const refusals: [string, Record<string, unknown>, object, string][] = [
  [
    "code that was not packaged",
    { F: fn({ CodeUri: "lambda1/target/lambda.jar" }) },
    {},
    `${spec} 1. Resource with id [F] is invalid. 'CodeUri' is not a valid S3 Uri of the form 's3://bucket/key' with optional versionId query parameter.`,
  ],
  [
    "half a location",
    { F: fn({ CodeUri: { Bucket: "b" } }) },
    {},
    `${spec} 1. Resource with id [F] is invalid. 'CodeUri' requires Bucket and Key properties to be specified.`,
  ],
  [
    "no code",
    { F: fn({ CodeUri: undefined }) },
    {},
    `${spec} 1. Resource with id [F] is invalid. Only one of 'InlineCode' or 'CodeUri' can be set.`,
  ],
  [
    "no runtime",
    { F: fn({ Runtime: undefined }) },
    {},
    `${spec} 1. Resource with id [F] is invalid. Runtime and Handler needs to be present when PackageType is of type \`Zip\``,
  ],
  [
    "an unknown property",
    { F: fn({ Foo: 1 }) },
    {},
    `${spec} 1. Resource with id [F] is invalid. property Foo not defined for resource of type AWS::Serverless::Function`,
  ],
  [
    "an alias that is no text",
    { F: fn({ AutoPublishAlias: { "Fn::Sub": "x" } }) },
    {},
    `${spec} 1. Resource with id [F] is invalid. 'AutoPublishAlias' must be a string or a Ref to a template parameter`,
  ],
  [
    "a template without its parameter",
    { F: fn({ Policies: [{ S3ReadPolicy: {} }] }) },
    {},
    `${spec} 1. Resource with id [F] is invalid. Following required parameters of template 'S3ReadPolicy' don't have values: ['BucketName']`,
  ],
  [
    "a reserved tag",
    { F: fn({ Tags: { "lambda:createdBy": "x" } }) },
    {},
    `${spec} 1. Resource with id [F] is invalid. lambda:createdBy is a reserved Tag key name and cannot be set on your resource. Please change the tag key in the input.`,
  ],
  [
    "a bucket of elsewhere",
    { F: fn({ Events: { A: { Type: "S3", Properties: { Bucket: "x", Events: "y" } } } }) },
    {},
    `${spec} 1. Resource with id [F] is invalid. Event with id [A] is invalid. S3 events must reference an S3 bucket in the same template.`,
  ],
  [
    "several at once",
    { F: fn({ Foo: 1 }), L: layer({ ContentUri: "x" }) },
    {},
    `${spec} 2. Resource with id [F] is invalid. property Foo not defined for resource of type AWS::Serverless::Function Resource with id [L7b832925f0] is invalid. 'ContentUri' is not a valid S3 Uri of the form 's3://bucket/key' with optional versionId query parameter.`,
  ],
  [
    "an id that is taken",
    { F: fn(), FRole: { Type: "AWS::IAM::Role" } },
    {},
    `${spec} 1. Transforming resource with id [F] attempts to create a new resource with id [FRole] and type "AWS::IAM::Role". A resource with that id already exists within this template. Please use a different id for that resource.`,
  ],
  [
    "globals of an unknown kind",
    { F: fn() },
    { Globals: { Foo: {} } },
    `${spec} 1. 'Globals' section is invalid. 'Foo' is not supported. Must be one of the following values - ['Api', 'CapacityProvider', 'Function', 'HttpApi', 'LayerVersion', 'SimpleTable', 'StateMachine', 'WebSocketApi']`,
  ],
  [
    "an API",
    { A: { Type: "AWS::Serverless::Api", Properties: { StageName: "x" } } },
    {},
    `${spec} 1. Resource with id [A] is invalid. AWS::Serverless::Api is not implemented by Mayfly.`,
  ],
  [
    "an event of an API",
    { F: fn({ Events: { A: { Type: "HttpApi" } } }) },
    {},
    `${spec} 1. Resource with id [F] is invalid. Event with id [A] is invalid. The event type HttpApi is not implemented by Mayfly. FunctionUrlConfig gives a function an address.`,
  ],
  [
    "a queue's event",
    { F: fn({ Events: { A: { Type: "SQS", Properties: { Queue: "x" } } } }) },
    {},
    `${spec} 1. Resource with id [F] is invalid. Event with id [A] is invalid. The event type SQS is not implemented by Mayfly.`,
  ],
  [
    "a gradual deployment",
    { F: fn({ AutoPublishAlias: "live", DeploymentPreference: { Type: "Canary10Percent5Minutes" } }) },
    {},
    `${spec} 1. Resource with id [F] is invalid. DeploymentPreference is not implemented by Mayfly: there is no CodeDeploy. Without it the alias moves at once.`,
  ],
];
for (const [name, resources, sections, message] of refusals) {
  test(`refused: ${name}`, () => assert.throws(() => transform(resources, sections), { name: "TransformError", message }));
}

test("what is not SAM's stays as it is", () => {
  const Resources = { T: { Type: "AWS::SNS::Topic", Properties: { TopicName: { "Fn::Sub": "${AWS::StackName}-t" } } } };
  assert.deepEqual(transform(Resources, { Outputs: { O: { Value: { Ref: "T" } } } }), {
    Resources,
    Outputs: { O: { Value: { Ref: "T" } } },
  });
});
