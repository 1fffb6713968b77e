import { createHash } from "node:crypto";
import { arnParts, type TargetKind } from "./target.ts";

/** One line an event, in a stream of the rule's target. */
export const logs: TargetKind = {
  check() {},
  async deliver({ target, input, ruleArn, eventTime }, { aws }) {
    const { CloudWatchLogsClient, CreateLogStreamCommand, PutLogEventsCommand, ResourceAlreadyExistsException } = await import(
      "@aws-sdk/client-cloudwatch-logs"
    );
    const { account, region, resource } = arnParts(target.arn);
    const logGroupName = resource.replace(/^log-group:/, "").replace(/:\*$/, "");
    const logStreamName = createHash("sha256").update(`${ruleArn}\n${target.id}`).digest("hex").slice(0, 32);
    const client = aws.at({ account, region }).client(CloudWatchLogsClient);
    await client.send(new CreateLogStreamCommand({ logGroupName, logStreamName })).catch((error) => {
      if (!(error instanceof ResourceAlreadyExistsException)) throw error;
    });
    await client.send(
      new PutLogEventsCommand({ logGroupName, logStreamName, logEvents: [{ timestamp: Date.parse(eventTime), message: input }] }),
    );
  },
};
