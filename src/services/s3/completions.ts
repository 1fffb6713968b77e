import type * as sdk from "@aws-sdk/client-s3";
import { type Handlers, ServiceError } from "../../protocols/operations.ts";
import type { Context } from "../service.ts";
import { originOf } from "./announcements.ts";
import { algorithms, asMembers, checksumIn, joined } from "./checksums.ts";
import { crcKinds } from "./crc.ts";
import { badDigest, invalidRequest } from "./errors.ts";
import { bucketOf, shownVersion } from "./lookups.ts";
import { choose, etagOf } from "./parts.ts";
import { type Checksum, completions, type Part, parts, segments, type Upload } from "./records.ts";
import { endUpload, uploadOf } from "./uploads.ts";
import { write } from "./writes.ts";

const largestObject = 50 * 2 ** 40;
/** How long a completed upload remembers its answer, for clients that did not hear it. */
const rememberedSeconds = 24 * 3600;

export const completionOperations = ({ store, clock }: Context): Handlers<typeof sdk> => ({
  async CompleteMultipartUpload(input, call) {
    const key = input.Key ?? "";
    const id = input.UploadId ?? "";
    const done = await store.write(async (tx) => {
      const bucket = await bucketOf(tx, input.Bucket, call, input.ExpectedBucketOwner);
      const before = await tx.get(completions, [id]);
      if (before?.bucketId === bucket.id && before.key === key) return before;
      const upload = await uploadOf(tx, bucket, key, id);
      const chosen = choose(input.MultipartUpload?.Parts ?? [], await tx.list(parts, { prefix: [id] }), id, upload.algorithm);
      const size = chosen.reduce((sum, part) => sum + part.size, 0);
      if (size > largestObject)
        throw new ServiceError("EntityTooLarge", "Your proposed upload exceeds the maximum allowed object size.", 400);
      if (input.MpuObjectSize !== undefined && input.MpuObjectSize !== size)
        throw invalidRequest(
          `The provided 'x-amz-mp-object-size' header value ${input.MpuObjectSize} does not match what was computed: ${size}`,
        );
      const checksum = await checksumOf(upload, chosen, input.ChecksumType);
      const claimed = checksum && checksumIn(input, checksum.algorithm);
      if (claimed !== undefined && claimed.replace(/-\d+$/, "") !== checksum?.value.replace(/-\d+$/, ""))
        throw badDigest(checksum?.algorithm ?? "checksum");
      const { headers, metadata, tags, storageClass } = upload;
      const now = clock.now();
      const discarded = await endUpload(tx, bucket, upload, new Set(chosen.map(({ blob }) => blob)));
      const object = await write(
        tx,
        {
          bucket,
          key,
          description: { headers, metadata, tags, storageClass },
          content: { size, etag: etagOf(chosen), parts: chosen.length, ...(checksum && { checksum }) },
          conditions: input,
          reason: "CompleteMultipartUpload",
          origin: originOf(call),
          now,
        },
        discarded,
      );
      const its = chosen.map((part, i) => ({
        number: i + 1,
        size: part.size,
        blob: part.blob,
        ...(checksum && { checksum: part.checksums[checksum.algorithm] as string }),
      }));
      await tx.put(segments, [object.uid], its);
      const versionId = shownVersion(bucket, object);
      const completion = {
        bucketId: bucket.id,
        key,
        etag: object.etag,
        ...(versionId !== undefined && { versionId }),
        ...(checksum && { checksum }),
      };
      await tx.put(completions, [id], completion);
      await tx.later({ name: "s3.forgetCompletion", payload: { id }, at: new Date(now.getTime() + rememberedSeconds * 1000) });
      return completion;
    });
    return {
      Location: `${call.endpoint}/${input.Bucket}/${encodeURIComponent(key).replaceAll("%2F", "/")}`,
      Bucket: input.Bucket,
      Key: key,
      ETag: `"${done.etag}"`,
      VersionId: done.versionId,
      ServerSideEncryption: "AES256",
      ...(done.checksum && { ...asMembers(done.checksum), ChecksumType: done.checksum.type }),
    };
  },
});

/** Uploads that named no algorithm get the one that all their parts have: of the whole object, where it can be told from those of its parts. */
const checksumOf = async (upload: Upload, chosen: readonly Part[], claimedType: string | undefined): Promise<Checksum | undefined> => {
  const algorithm = upload.algorithm ?? algorithms.find((one) => chosen.every(({ checksums }) => checksums[one] !== undefined));
  if (algorithm === undefined) return undefined;
  const type = upload.checksumType ?? (algorithm in crcKinds ? "FULL_OBJECT" : "COMPOSITE");
  if (upload.algorithm !== undefined && claimedType !== undefined && claimedType !== type)
    throw invalidRequest(`The upload was created using the ${type} checksum mode. The complete request must use the same checksum mode.`);
  const value = await joined(
    chosen.map((part) => ({ size: part.size, checksum: part.checksums[algorithm] })),
    algorithm,
    type,
  );
  return value === undefined ? undefined : { algorithm, type, value };
};
