import type * as sdk from "@aws-sdk/client-s3";
import { type Handlers, ServiceError } from "../../protocols/operations.ts";
import type { Writing } from "../../store/store.ts";
import type { Context } from "../service.ts";
import { announce, type Happening, type Origin, originOf } from "./announcements.ts";
import { type Discarded, throwAway } from "./bytes.ts";
import { checkWrite, type WriteConditions } from "./conditions.ts";
import { malformedXml } from "./errors.ts";
import { add, current, newest, remove, versionOf } from "./history.ts";
import { bucketOf } from "./lookups.ts";
import { checkKey } from "./names.ts";
import type { Bucket, DeleteMarker } from "./records.ts";

export interface Deleting {
  readonly bucket: Bucket;
  readonly key: string;
  readonly versionId?: string | undefined;
  readonly conditions: WriteConditions;
  readonly reason: (Happening & { type: "Object Deleted" })["reason"];
  readonly origin: Origin;
  readonly now: Date;
}
export interface Deleted {
  readonly deleteMarker?: true;
  readonly versionId?: string;
}

/** Deleting what is not there succeeds. Without a version id, a versioned bucket only gets a marker on top. */
export const erase = async (tx: Writing, what: Deleting, discarded: Discarded[]): Promise<Deleted> => {
  const { bucket, key, versionId, conditions, reason, origin, now } = what;
  if (conditions.IfMatch !== undefined) checkWrite(key, await current(tx, bucket, key), { IfMatch: conditions.IfMatch });
  const gone: Happening = { type: "Object Deleted", reason, deletion: "Permanently Deleted" };
  if (versionId !== undefined || !bucket.versioning) {
    const version = await (versionId === undefined ? newest(tx, bucket, key) : versionOf(tx, bucket, key, versionId));
    if (version) {
      await remove(tx, bucket, version, discarded);
      await announce(tx, bucket, version, gone, origin, now);
    }
    return versionId === undefined ? {} : { versionId, ...(version?.deleteMarker && { deleteMarker: true }) };
  }
  const marker = await add(tx, bucket, key, now, discarded, (place): DeleteMarker => ({ ...place, deleteMarker: true }));
  await announce(tx, bucket, marker, { ...gone, deletion: "Delete Marker Created" }, origin, now);
  return { versionId: marker.versionId, deleteMarker: true };
};

/** How many deletions share a transaction: others wait no longer than for these. */
const together = 100;

export const deletionOperations = ({ store, clock }: Context): Handlers<typeof sdk> => ({
  async DeleteObject(input, call) {
    const key = input.Key ?? "";
    checkKey(key);
    const deleted = await store.write(async (tx) => {
      const bucket = await bucketOf(tx, input.Bucket, call, input.ExpectedBucketOwner);
      const discarded: Discarded[] = [];
      const now = clock.now();
      const result = await erase(
        tx,
        { bucket, key, versionId: input.VersionId, conditions: input, reason: "DeleteObject", origin: originOf(call), now },
        discarded,
      );
      await throwAway(tx, discarded, now);
      return result;
    });
    return { VersionId: deleted.versionId, DeleteMarker: deleted.deleteMarker };
  },

  async DeleteObjects(input, call) {
    const asked = input.Delete?.Objects ?? [];
    if (asked.length === 0 || asked.length > 1000) throw malformedXml();
    await store.read((tx) => bucketOf(tx, input.Bucket, call, input.ExpectedBucketOwner));
    const Deleted: sdk.DeletedObject[] = [];
    const Errors: sdk._Error[] = [];
    for (let i = 0; i < asked.length; i += together) {
      const { deleted, errors } = await store.write(async (tx) => {
        const bucket = await bucketOf(tx, input.Bucket, call, input.ExpectedBucketOwner);
        const discarded: Discarded[] = [];
        const deleted: sdk.DeletedObject[] = [];
        const errors: sdk._Error[] = [];
        const now = clock.now();
        for (const { Key: key = "", VersionId: versionId, ETag } of asked.slice(i, i + together))
          try {
            checkKey(key);
            const conditions = ETag === undefined ? {} : { IfMatch: ETag };
            const one = await erase(
              tx,
              { bucket, key, versionId, conditions, reason: "DeleteObject", origin: originOf(call), now },
              discarded,
            );
            deleted.push({
              Key: key,
              VersionId: versionId,
              ...(one.deleteMarker && { DeleteMarker: true, DeleteMarkerVersionId: one.versionId }),
            });
          } catch (error) {
            // Refusals are decided before anything is written for that key.
            if (!(error instanceof ServiceError)) throw error;
            errors.push({ Key: key, VersionId: versionId, Code: error.code, Message: error.message });
          }
        await throwAway(tx, discarded, now);
        return { deleted, errors };
      });
      Deleted.push(...deleted);
      Errors.push(...errors);
    }
    return { ...(!input.Delete?.Quiet && { Deleted }), ...(Errors.length > 0 && { Errors }) };
  },
});
