/** Invoke: a Lambda function, which answers with PutJobSuccessResult or PutJobFailureResult. */
import type { JobData } from "@aws-sdk/client-codepipeline";
import { sessionName } from "../session.ts";
import { functionLink } from "../links.ts";
import type { Located } from "../records.ts";
import type { Act, Outcome, Provider } from "./action.ts";

/** After a function asked to be called again. */
export const againMs = 3_000;
/** A function that says nothing for so long has failed. */
const silenceMs = 20 * 60_000;

const mostMinutes = 24 * 60;

const artifactOf = ({ name, bucket, key }: Located) => ({
  location: { s3Location: { bucketName: bucket, objectKey: key }, type: "S3" as const },
  revision: null as unknown as undefined,
  name,
});

/** The job's data as the function sees it. The credentials are the role's own, for the artifacts. */
export const jobData = async (act: Act): Promise<JobData> => {
  const { AssumeRoleCommand, STSClient } = await import("@aws-sdk/client-sts");
  const command = new AssumeRoleCommand({ RoleArn: act.roleArn, RoleSessionName: sessionName(act.place) });
  const { Credentials } = await act.context.aws.at(act.place).client(STSClient).send(command);
  return {
    actionConfiguration: { configuration: act.run.configuration },
    inputArtifacts: act.run.inputs.map(artifactOf),
    outputArtifacts: act.run.outputs.map(artifactOf),
    artifactCredentials: {
      secretAccessKey: Credentials!.SecretAccessKey,
      sessionToken: Credentials!.SessionToken,
      accessKeyId: Credentials!.AccessKeyId,
    },
    ...(act.run.memory?.continuationToken === undefined ? {} : { continuationToken: act.run.memory.continuationToken }),
  };
};

const start = async (act: Act): Promise<Outcome> => {
  const { FunctionName = "" } = act.run.configuration;
  const { InvokeCommand, LambdaClient } = await import("@aws-sdk/client-lambda");
  const job = { id: act.run.id, accountId: act.place.account, data: await jobData(act) };
  const Payload = Buffer.from(JSON.stringify({ "CodePipeline.job": job }));
  await act.aws.client(LambdaClient).send(new InvokeCommand({ FunctionName, InvocationType: "Event", Payload }));
  const deadline = Math.min(act.context.clock.now().getTime() + silenceMs, act.run.started + mostMinutes * 60_000);
  return {
    kind: "waiting",
    on: [],
    externalUrl: functionLink(act.context.endpoint(), act.place.region, FunctionName),
    memory: { turn: act.run.memory?.turn ?? "0" },
    deadline,
    lookAt: deadline,
  };
};

/** A continuation token in its memory means that the function wants to be called again. */
const look = async (act: Act): Promise<Outcome> =>
  act.run.memory?.continuationToken === undefined ? { kind: "waiting", on: [], lookAt: act.run.deadline } : start(act);

export const lambda: Provider = {
  category: "Invoke",
  provider: "Lambda",
  inputs: { min: 0, max: 5 },
  outputs: { min: 0, max: 5 },
  properties: [
    { name: "FunctionName", required: true, description: "The function" },
    { name: "UserParameters", required: false, description: "Text for the function" },
  ],
  timeoutMinutes: mostMinutes,
  timeoutMessage:
    "The AWS Lambda function failed to return a result. Check the function to verify that it has permission to call the PutJobSuccessResult action and that it made a call to PutJobSuccessResult.",
  jobs: true,
  start,
  look,
};
