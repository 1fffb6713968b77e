/** PutObject, and the one way by which any object comes to be. */
import type * as sdk from "@aws-sdk/client-s3";
import type { Handlers } from "../../protocols/operations.ts";
import type { Writing } from "../../store/store.ts";
import type { Context } from "../service.ts";
import { announce, type Happening, type Origin, originOf } from "./announcements.ts";
import { type Discarded, keepOnlyIf, takeIn, throwAway } from "./bytes.ts";
import { asMembers } from "./checksums.ts";
import { checkWrite, type WriteConditions } from "./conditions.ts";
import { checkWishes, descriptionIn } from "./descriptions.ts";
import { notBuilt } from "./errors.ts";
import { add, current } from "./history.ts";
import { bucketOf, shownVersion } from "./lookups.ts";
import { checkKey } from "./names.ts";
import type { Bucket, Content, Description, StoredObject } from "./records.ts";

export interface Writ {
  readonly bucket: Bucket;
  readonly key: string;
  readonly description: Description;
  readonly content: Content;
  readonly conditions: WriteConditions;
  readonly reason: (Happening & { type: "Object Created" })["reason"];
  readonly origin: Origin;
  readonly now: Date;
}
/** In one transaction: the conditions, the object in its place, the replaced one's end, and what is told of it. */
export const write = async (tx: Writing, writ: Writ, discarded: Discarded[] = []): Promise<StoredObject> => {
  const { bucket, key, description, content, conditions, reason, origin, now } = writ;
  if (conditions.IfMatch !== undefined || conditions.IfNoneMatch !== undefined) checkWrite(key, await current(tx, bucket, key), conditions);
  const object = await add(tx, bucket, key, now, discarded, (place): StoredObject => ({ ...place, ...description, ...content }));
  await throwAway(tx, discarded, now);
  await announce(tx, bucket, object, { type: "Object Created", reason }, origin, now);
  return object;
};

export const writeOperations = ({ store, blobs, clock }: Context): Handlers<typeof sdk> => ({
  async PutObject(input, call) {
    const key = input.Key ?? "";
    checkKey(key);
    if (input.WriteOffsetBytes !== undefined) throw notBuilt("Appending to objects");
    const description = descriptionIn(input);
    checkWishes(input, await store.read((tx) => bucketOf(tx, input.Bucket, call, input.ExpectedBucketOwner)));
    const { blob, algorithm, checksum } = await takeIn(blobs, input.Body, input, call.headers);
    const content: Content = {
      size: blob.size,
      etag: blob.md5,
      blob: blob.id,
      checksum: { algorithm, type: "FULL_OBJECT", value: checksum },
    };
    const { bucket, object } = await keepOnlyIf(blobs, blob, () =>
      store.write(async (tx) => {
        const bucket = await bucketOf(tx, input.Bucket, call, input.ExpectedBucketOwner);
        const writ: Writ = {
          bucket,
          key,
          description,
          content,
          conditions: input,
          reason: "PutObject",
          origin: originOf(call),
          now: clock.now(),
        };
        return { bucket, object: await write(tx, writ) };
      }),
    );
    return {
      ETag: `"${object.etag}"`,
      VersionId: shownVersion(bucket, object),
      ServerSideEncryption: "AES256",
      ChecksumType: "FULL_OBJECT",
      ...asMembers(object.checksum),
    };
  },
});
