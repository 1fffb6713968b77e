/** The events S3 tells EventBridge, in its own shapes. */
import { EventBridgeClient, PutEventsCommand } from "@aws-sdk/client-eventbridge";
import type { Task } from "../../queue/queue.ts";
import type { Writing } from "../../store/store.ts";
import type { Call, Context } from "../service.ts";
import { toPart } from "./names.ts";
import type { Bucket, Version } from "./records.ts";
import { sequencerOf } from "./sequence.ts";

/** Who did it, as events say it. */
export interface Origin {
  readonly requestId: string;
  /** An account, or a service's principal. */
  readonly requester: string;
  readonly sourceIp: string;
}
export const originOf = (call: Call): Origin => ({
  requestId: call.requestId,
  requester: call.principal.kind === "service" ? call.principal.arn : call.principal.account,
  sourceIp: call.sourceIp,
});

export type Happening =
  | { readonly type: "Object Created"; readonly reason: "PutObject" | "CopyObject" | "CompleteMultipartUpload" }
  | {
      readonly type: "Object Deleted";
      readonly reason: "DeleteObject" | "Lifecycle Expiration";
      readonly deletion: "Permanently Deleted" | "Delete Marker Created";
    };

export const detailOf = (bucket: Bucket, version: Version, happening: Happening, origin: Origin): object => ({
  version: "0",
  bucket: { name: bucket.name },
  object: {
    key: version.key,
    ...(happening.type === "Object Created" && !version.deleteMarker && { size: version.size }),
    ...(!version.deleteMarker && { etag: version.etag }),
    ...(bucket.versioning && { "version-id": version.versionId }),
    sequencer: sequencerOf(version.sequence),
  },
  "request-id": origin.requestId,
  requester: origin.requester,
  "source-ip-address": origin.sourceIp,
  reason: happening.reason,
  ...(happening.type === "Object Deleted" && { "deletion-type": happening.deletion }),
});

/**
 * Buckets with EventBridge turned on tell it, as on AWS. Versioned buckets do always:
 * they may be a pipeline's source, and whoever listens there should not have to ask again and again.
 */
export const announce = async (
  tx: Writing,
  bucket: Bucket,
  version: Version,
  happening: Happening,
  origin: Origin,
  now: Date,
): Promise<void> => {
  if (!bucket.eventBridge && !bucket.versioning) return;
  await tx.later({
    name: "s3.announce",
    payload: {
      account: bucket.account,
      region: bucket.region,
      bucket: bucket.name,
      time: now.toISOString(),
      type: happening.type,
      detail: detailOf(bucket, version, happening, origin),
    },
    oneAtATimeFor: `s3.announce/${bucket.id}/${toPart(version.key)}`,
  });
};

export const announceTask = (context: Context) => async (task: Task) => {
  const { account, region, bucket, time, type, detail } = task.payload;
  const answer = await context.aws
    .at({ account, region })
    .client(EventBridgeClient)
    .send(
      new PutEventsCommand({
        Entries: [
          {
            Source: "aws.s3",
            DetailType: type,
            Time: new Date(time),
            Resources: [`arn:aws:s3:::${bucket}`],
            Detail: JSON.stringify(detail),
          },
        ],
      }),
    );
  if (answer.FailedEntryCount) throw new Error(`EventBridge did not take the event: ${answer.Entries?.[0]?.ErrorMessage}`);
};
