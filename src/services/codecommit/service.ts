import * as sdk from "@aws-sdk/client-codecommit";
import { operations } from "../../protocols/operations.ts";
import type { Context, Service } from "../service.ts";
import { admission } from "./admit.ts";
import { announce } from "./announce.ts";
import { branchOperations } from "./branches.ts";
import { openCache } from "./cache.ts";
import { commitOperations } from "./commits.ts";
import { consolidate } from "./consolidate.ts";
import { differenceOperations } from "./differences.ts";
import { discard, release } from "./discard.ts";
import { fileOperations } from "./files.ts";
import { gitHttp } from "./git-http.ts";
import { permissions } from "./permissions.ts";
import { repositoryOperations } from "./repositories.ts";
import { tagOperations } from "./tags.ts";
import { trigger } from "./trigger.ts";
import { triggerOperations } from "./triggers.ts";

/** Repositories: refs are records, packs are blobs, and the system's git works on a cache of both. */
export const create = (context: Context): Service => {
  const cache = openCache(context);
  const admit = admission(context, cache);
  return {
    operations: operations(sdk)(
      repositoryOperations(context),
      tagOperations(context),
      branchOperations(context, cache, admit),
      commitOperations(context, cache, admit),
      fileOperations(context, cache, admit),
      differenceOperations(context, cache),
      triggerOperations(context),
    ),
    permissions,
    tasks: {
      announce: announce(context, cache),
      trigger: trigger(context),
      consolidate: consolidate(context, cache),
      discard: discard(context, cache),
      release: release(context),
    },
    http: gitHttp(context, cache, admit),
    stop: cache.stop,
    reset: cache.clear,
  };
};
