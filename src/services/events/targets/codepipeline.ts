import { arnParts, mustHaveRole, ownParameters, type TargetKind } from "./target.ts";

/** Starts the pipeline; its own input may name source revisions and variables. */
export const codepipeline: TargetKind = {
  check: mustHaveRole,
  async deliver(delivery, { aws, token }) {
    const { CodePipelineClient, StartPipelineExecutionCommand } = await import("@aws-sdk/client-codepipeline");
    const { account, region, resource } = arnParts(delivery.target.arn);
    const { sourceRevisions, variables } = ownParameters(delivery) as { sourceRevisions?: []; variables?: [] };
    await aws
      .at({ account, region })
      .as(delivery.target.roleArn as string, "AwsCloudWatchEvents")
      .client(CodePipelineClient)
      .send(new StartPipelineExecutionCommand({ name: resource, clientRequestToken: token, sourceRevisions, variables }));
  },
};
