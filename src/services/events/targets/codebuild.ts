import { arnParts, mustHaveRole, ownParameters, type TargetKind } from "./target.ts";

/** Starts a build; its own input may override what StartBuild lets override. */
export const codebuild: TargetKind = {
  check: mustHaveRole,
  async deliver(delivery, { aws, token }) {
    const { CodeBuildClient, StartBuildCommand } = await import("@aws-sdk/client-codebuild");
    const { account, region, resource } = arnParts(delivery.target.arn);
    const projectName = resource.slice(resource.indexOf("/") + 1);
    await aws
      .at({ account, region })
      .as(delivery.target.roleArn as string, "AwsCloudWatchEvents")
      .client(CodeBuildClient)
      .send(new StartBuildCommand({ ...ownParameters(delivery), projectName, idempotencyToken: token }));
  },
};
