import * as sdk from "@aws-sdk/client-s3";
import { operations } from "../../protocols/operations.ts";
import type { Context, Service } from "../service.ts";
import { aclOperations } from "./acls.ts";
import { announceTask } from "./announcements.ts";
import { attributeOperations } from "./attributes.ts";
import { bucketOperations } from "./buckets.ts";
import { settingOperations } from "./bucket-settings.ts";
import { deleteBlobsTask } from "./bytes.ts";
import { completionOperations } from "./completions.ts";
import { copyOperations } from "./copies.ts";
import { defaultOperations } from "./defaults.ts";
import { deletionOperations } from "./deletions.ts";
import { expireTask } from "./expire.ts";
import { lifecycleOperations } from "./lifecycles.ts";
import { listingOperations } from "./listings.ts";
import { notificationOperations } from "./notifications.ts";
import { objectTagOperations } from "./object-tags.ts";
import { permissions } from "./permissions.ts";
import { readOperations } from "./reads.ts";
import { uploadListingOperations } from "./upload-listings.ts";
import { uploadOperations } from "./uploads.ts";
import { forgetCompletionTask, forgetUploadsTask } from "./upkeep.ts";
import { versionListingOperations } from "./version-listings.ts";
import { writeOperations } from "./writes.ts";

export const create = (context: Context): Service => ({
  operations: operations(sdk)(
    bucketOperations(context),
    settingOperations(context),
    aclOperations(context),
    lifecycleOperations(context),
    notificationOperations(context),
    defaultOperations(context),
    writeOperations(context),
    readOperations(context),
    deletionOperations(context),
    copyOperations(context),
    listingOperations(context),
    versionListingOperations(context),
    uploadListingOperations(context),
    uploadOperations(context),
    completionOperations(context),
    objectTagOperations(context),
    attributeOperations(context),
  ),
  permissions,
  tasks: {
    announce: announceTask(context),
    deleteBlobs: deleteBlobsTask(context),
    expire: expireTask(context),
    forgetUploads: forgetUploadsTask(context),
    forgetCompletion: forgetCompletionTask(),
  },
});
