import type * as sdk from "@aws-sdk/client-iam";
import type { Handlers } from "../../protocols/operations.ts";
import type { Reading } from "../../store/store.ts";
import { iamId } from "../credentials.ts";
import type { Context } from "../service.ts";
import { alreadyExists, deleteConflict, limitExceeded, marked, noSuchEntity } from "./errors.ts";
import { loaded } from "./holders.ts";
import { arnOf, type InstanceProfile, instanceProfiles, keyOf, roles } from "./records.ts";
import { shownRole } from "./roles.ts";
import { tagList, tagsOf } from "./tags.ts";

export const instanceProfileOperations = ({ store, clock }: Context): Handlers<typeof sdk> => {
  const found = async (tx: Reading, account: string, name: string | undefined): Promise<InstanceProfile> => {
    const profile = await tx.get(instanceProfiles, keyOf(account, name as string));
    if (!profile) throw noSuchEntity(`Instance Profile ${name} cannot be found.`);
    return profile;
  };
  const shown = async (tx: Reading, account: string, profile: InstanceProfile) => ({
    Path: profile.path,
    InstanceProfileName: profile.name,
    InstanceProfileId: profile.id,
    Arn: arnOf(account, "instance-profile", profile),
    CreateDate: new Date(profile.created),
    Roles: profile.role === undefined ? [] : [shownRole(account, await loaded(tx, "role", account, profile.role))],
    Tags: tagList(profile.tags),
  });
  return {
    CreateInstanceProfile: (input, { account }) =>
      store.write(async (tx) => {
        const profile: InstanceProfile = {
          name: input.InstanceProfileName as string,
          path: input.Path ?? "/",
          id: iamId("AIPA"),
          created: clock.now().toISOString(),
          tags: tagsOf(input.Tags),
        };
        if (!(await tx.create(instanceProfiles, keyOf(account, profile.name), profile)))
          throw alreadyExists(`Instance Profile ${profile.name} already exists.`);
        return { InstanceProfile: await shown(tx, account, profile) };
      }),
    GetInstanceProfile: (input, { account }) =>
      store.read(async (tx) => ({ InstanceProfile: await shown(tx, account, await found(tx, account, input.InstanceProfileName)) })),
    ListInstanceProfiles: (input, { account }) =>
      store.read(async (tx) => {
        const all = await tx.list(instanceProfiles, { prefix: [account] });
        const within = all.filter(({ path }) => path.startsWith(input.PathPrefix ?? "/"));
        const { items, ...rest } = marked(within, ({ name }) => name.toLowerCase(), input);
        return { InstanceProfiles: await Promise.all(items.map((profile) => shown(tx, account, profile))), ...rest };
      }),
    ListInstanceProfilesForRole: (input, { account }) =>
      store.read(async (tx) => {
        const role = await loaded(tx, "role", account, input.RoleName as string);
        const { items, ...rest } = marked(role.profiles, (name) => name.toLowerCase(), input);
        const profiles = await Promise.all(items.map((name) => found(tx, account, name)));
        return { InstanceProfiles: await Promise.all(profiles.map((profile) => shown(tx, account, profile))), ...rest };
      }),
    AddRoleToInstanceProfile: (input, { account }) =>
      store.write(async (tx) => {
        const profile = await found(tx, account, input.InstanceProfileName);
        const role = await loaded(tx, "role", account, input.RoleName as string);
        if (profile.role !== undefined) throw limitExceeded("Cannot exceed quota for InstanceSessionsPerInstanceProfile: 1");
        await tx.put(instanceProfiles, keyOf(account, profile.name), { ...profile, role: role.name });
        await tx.put(roles, keyOf(account, role.name), { ...role, profiles: [...role.profiles, profile.name] });
        return {};
      }),
    RemoveRoleFromInstanceProfile: (input, { account }) =>
      store.write(async (tx) => {
        const profile = await found(tx, account, input.InstanceProfileName);
        const role = await loaded(tx, "role", account, input.RoleName as string);
        if (profile.role !== role.name) throw noSuchEntity(`Role ${role.name} is not in instance profile ${profile.name}.`);
        await tx.put(instanceProfiles, keyOf(account, profile.name), { ...profile, role: undefined });
        await tx.put(roles, keyOf(account, role.name), { ...role, profiles: role.profiles.filter((name) => name !== profile.name) });
        return {};
      }),
    DeleteInstanceProfile: (input, { account }) =>
      store.write(async (tx) => {
        const profile = await found(tx, account, input.InstanceProfileName);
        if (profile.role !== undefined) throw deleteConflict("Cannot delete entity, must remove roles from instance profile first.");
        await tx.delete(instanceProfiles, keyOf(account, profile.name));
        return {};
      }),
  };
};
