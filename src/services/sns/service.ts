import * as sdk from "@aws-sdk/client-sns";
import { operations } from "../../protocols/operations.ts";
import type { Context, Service } from "../service.ts";
import { deliver } from "./deliver.ts";
import { expire } from "./expire.ts";
import { listMail, tidy } from "./mail.ts";
import { permissions } from "./permissions.ts";
import { publicationOperations } from "./publications.ts";
import { signing } from "./signing.ts";
import { subscriptionOperations } from "./subscriptions.ts";
import { tagOperations } from "./tagging.ts";
import { topicPermissionOperations } from "./topic-permissions.ts";
import { topicOperations } from "./topics.ts";

/** Topics, and whoever subscribed to them. */
export const create = (context: Context): Service => {
  const signed = signing(context);
  return {
    operations: operations(sdk)(
      topicOperations(context),
      topicPermissionOperations(context),
      subscriptionOperations(context),
      publicationOperations(context),
      tagOperations(context),
    ),
    permissions,
    tasks: { deliver: deliver(context, signed), expire, tidy },
    async http(request) {
      if (request.path === "/_mayfly/mail") return listMail(context.store, request);
      const certificate = await signed.certificate(request.path);
      return certificate === undefined
        ? { status: 404, headers: { "content-type": "text/plain" }, body: "not found\n" }
        : { status: 200, headers: { "content-type": "application/x-pem-file" }, body: certificate };
    },
    async reset() {
      signed.forget();
    },
  };
};
