import * as sdk from "@aws-sdk/client-iam";
import { operations } from "../../protocols/operations.ts";
import type { Context, Service } from "../service.ts";
import { accessKeyOperations } from "./access-keys.ts";
import { accountOperations } from "./account.ts";
import { groupOperations } from "./groups.ts";
import { instanceProfileOperations } from "./instance-profiles.ts";
import { permissions } from "./permissions.ts";
import { policyOperations } from "./policies.ts";
import { roleOperations } from "./roles.ts";
import { serviceSpecificCredentialOperations } from "./service-specific-credentials.ts";
import { userOperations } from "./users.ts";

/** Identities and their policies. They belong to the account: no key of IAM's names a region. */
export const create = (context: Context): Service => ({
  operations: operations(sdk)(
    userOperations(context),
    groupOperations(context),
    roleOperations(context),
    policyOperations(context),
    accessKeyOperations(context),
    serviceSpecificCredentialOperations(context),
    instanceProfileOperations(context),
    accountOperations(context),
  ),
  permissions,
});
