import type * as sdk from "@aws-sdk/client-iam";
import type { Handlers } from "../../protocols/operations.ts";
import type { Context } from "../service.ts";
import { noSuchEntity } from "./errors.ts";
import { accountAlias, groups, instanceProfiles, policies, roles, users } from "./records.ts";

export const accountOperations = ({ store }: Context): Handlers<typeof sdk> => ({
  GetAccountSummary: (_input, { account }) =>
    store.read(async (tx) => {
      const within = { prefix: [account] };
      const [userCount, groupCount, roleCount, profileCount, own] = [
        (await tx.list(users, within)).length,
        (await tx.list(groups, within)).length,
        (await tx.list(roles, within)).length,
        (await tx.list(instanceProfiles, within)).length,
        await tx.list(policies, within),
      ];
      return {
        SummaryMap: {
          Users: userCount,
          Groups: groupCount,
          Roles: roleCount,
          InstanceProfiles: profileCount,
          Policies: own.length,
          PolicyVersionsInUse: own.reduce((sum, policy) => sum + policy.versions.length, 0),
          AccountAccessKeysPresent: 1,
          AccountMFAEnabled: 0,
          AccountSigningCertificatesPresent: 0,
          MFADevices: 0,
          MFADevicesInUse: 0,
          Providers: 0,
          ServerCertificates: 0,
          AccessKeysPerUserQuota: 2,
          AttachedPoliciesPerGroupQuota: 20,
          AttachedPoliciesPerRoleQuota: 20,
          AttachedPoliciesPerUserQuota: 20,
          AssumeRolePolicySizeQuota: 4096,
          GroupPolicySizeQuota: 5120,
          RolePolicySizeQuota: 10240,
          UserPolicySizeQuota: 2048,
          PolicySizeQuota: 6144,
          VersionsPerPolicyQuota: 5,
        },
      };
    }),
  ListAccountAliases: async (_input, { account }) => {
    const found = await store.read((tx) => tx.get(accountAlias, [account]));
    return { AccountAliases: found ? [found.alias] : [], IsTruncated: false };
  },
  CreateAccountAlias: async (input, { account }) => {
    await store.write((tx) => tx.put(accountAlias, [account], { alias: input.AccountAlias as string }));
    return {};
  },
  DeleteAccountAlias: (input, { account }) =>
    store.write(async (tx) => {
      const found = await tx.get(accountAlias, [account]);
      if (found?.alias !== input.AccountAlias) throw noSuchEntity(`The account alias ${input.AccountAlias} does not exist.`);
      await tx.delete(accountAlias, [account]);
      return {};
    }),
});
