/** One service of each protocol, for clients that are not ours to steer. */
import * as cloudformation from "@aws-sdk/client-cloudformation";
import * as pipeline from "@aws-sdk/client-codepipeline";
import * as lambda from "@aws-sdk/client-lambda";
import * as s3 from "@aws-sdk/client-s3";
import * as sts from "@aws-sdk/client-sts";
import type { Call } from "../../src/services/service.ts";
import type { Echo } from "../services/gateway/echo.ts";

// biome-ignore lint/suspicious/noExplicitAny: echo handlers take every shape
type Any = any;

export function echoServices(): Record<string, Echo> {
  const objects = new Map<string, Buffer>();
  return {
    codepipeline: {
      sdk: pipeline,
      entry: { signingName: "codepipeline", target: "CodePipeline_20150709", version: "2015-07-09" },
      handlers: {
        GetPipeline(input: Any, call: Call) {
          if (input.name === "none") throw new pipeline.PipelineNotFoundException({ message: "no pipeline ü", $metadata: {} });
          return {
            pipeline: { name: input.name, roleArn: call.principal.arn, stages: [], version: input.version },
            metadata: { created: new Date(1_700_000_000_000) },
          };
        },
      },
    },
    cloudformation: {
      sdk: cloudformation,
      entry: { signingName: "cloudformation", version: "2010-05-15" },
      handlers: {
        CreateStack: (input: Any) => ({ StackId: JSON.stringify([input.Parameters, input.Capabilities, input.Tags]) }),
        DescribeStacks(input: Any) {
          const CreationTime = new Date(1_700_000_000_000);
          return {
            Stacks: [
              {
                StackName: input.StackName,
                StackStatus: "CREATE_COMPLETE",
                CreationTime,
                Outputs: [{ OutputKey: "a", OutputValue: "<&>" }],
              },
            ],
          };
        },
      },
    },
    sts: {
      sdk: sts,
      entry: { signingName: "sts", version: "2011-06-15" },
      handlers: {
        GetCallerIdentity: (_: Any, call: Call) => ({ Account: call.account, Arn: call.principal.arn, UserId: call.principal.id }),
      },
    },
    lambda: {
      sdk: lambda,
      entry: { signingName: "lambda", version: "2015-03-31" },
      handlers: {
        Invoke: (input: Any) => ({
          StatusCode: 200,
          Payload: input.Payload,
          ExecutedVersion: "$LATEST",
          FunctionError: input.FunctionName,
        }),
        ListFunctions: (input: Any) => ({ Functions: [{ FunctionName: `most ${input.MaxItems}` }] }),
        ListTags: (input: Any) => ({ Tags: { of: input.Resource } }),
      },
    },
    s3: {
      sdk: s3,
      entry: { signingName: "s3", version: "2006-03-01" },
      handlers: {
        async PutObject(input: Any) {
          objects.set(`${input.Bucket}/${input.Key}`, Buffer.from(await input.Body.transformToByteArray()));
          return { ETag: '"e"' };
        },
        GetObject(input: Any) {
          const found = objects.get(`${input.Bucket}/${input.Key}`);
          if (!found) throw new s3.NoSuchKey({ message: "The specified key does not exist.", $metadata: {} });
          return { Body: found, ContentLength: found.length, ETag: '"e"', LastModified: new Date(1_700_000_000_000) };
        },
        HeadObject: (input: Any) => ({
          ContentLength: objects.get(`${input.Bucket}/${input.Key}`)?.length ?? 0,
          ETag: '"e"',
          LastModified: new Date(1_700_000_000_000),
        }),
        ListObjectsV2: (input: Any) => ({
          Name: input.Bucket,
          Contents: [{ Key: "k &", Size: 1, LastModified: new Date(1_700_000_000_000) }],
          KeyCount: 1,
        }),
        ListBuckets: () => ({ Buckets: [{ Name: "one", CreationDate: new Date(1_700_000_000_000) }] }),
      },
    },
  };
}
