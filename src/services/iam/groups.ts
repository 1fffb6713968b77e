import type * as sdk from "@aws-sdk/client-iam";
import type { Handlers } from "../../protocols/operations.ts";
import type { Writing } from "../../store/store.ts";
import { iamId } from "../credentials.ts";
import type { Context } from "../service.ts";
import { alreadyExists, deleteConflict, marked } from "./errors.ts";
import { attach, loaded, mustBeBare, policyHolding } from "./holders.ts";
import { arnOf, attachments, type Group, groups, keyOf, users } from "./records.ts";

const shown = (account: string, group: Group) => ({
  Path: group.path,
  GroupName: group.name,
  GroupId: group.id,
  Arn: arnOf(account, "group", group),
  CreateDate: new Date(group.created),
});

const setMembership = async (tx: Writing, account: string, userName: string, groupName: string, member: boolean) => {
  const group = await loaded(tx, "group", account, groupName);
  const user = await loaded(tx, "user", account, userName);
  const without = <T>(list: readonly T[], one: T) => list.filter((other) => other !== one);
  const members = without(group.members, user.name);
  const memberships = without(user.groups, group.name);
  await tx.put(groups, keyOf(account, group.name), { ...group, members: member ? [...members, user.name] : members });
  await tx.put(users, keyOf(account, user.name), { ...user, groups: member ? [...memberships, group.name] : memberships });
  return {};
};

export const groupOperations = (context: Context): Handlers<typeof sdk> => {
  const { store, clock } = context;
  const held = policyHolding(context, "group");
  return {
    CreateGroup: (input, { account }) =>
      store.write(async (tx) => {
        const group: Group = {
          name: input.GroupName as string,
          path: input.Path ?? "/",
          id: iamId("AGPA"),
          created: clock.now().toISOString(),
          tags: {},
          inline: {},
          attached: [],
          members: [],
        };
        if (!(await tx.create(groups, keyOf(account, group.name), group)))
          throw alreadyExists(`Group with name ${group.name} already exists.`);
        return { Group: shown(account, group) };
      }),
    GetGroup: (input, { account }) =>
      store.read(async (tx) => {
        const group = await loaded(tx, "group", account, input.GroupName as string);
        const { items, ...rest } = marked(group.members, (name) => name.toLowerCase(), input);
        const members = await Promise.all(items.map((name) => loaded(tx, "user", account, name)));
        return {
          Group: shown(account, group),
          Users: members.map((user) => ({
            Path: user.path,
            UserName: user.name,
            UserId: user.id,
            Arn: arnOf(account, "user", user),
            CreateDate: new Date(user.created),
          })),
          ...rest,
        };
      }),
    ListGroups: async (input, { account }) => {
      const all = await store.read((tx) => tx.list(groups, { prefix: [account] }));
      const within = all.filter(({ path }) => path.startsWith(input.PathPrefix ?? "/"));
      const { items, ...rest } = marked(within, ({ name }) => name.toLowerCase(), input);
      return { Groups: items.map((group) => shown(account, group)), ...rest };
    },
    ListGroupsForUser: (input, { account }) =>
      store.read(async (tx) => {
        const user = await loaded(tx, "user", account, input.UserName as string);
        const { items, ...rest } = marked(user.groups, (name) => name.toLowerCase(), input);
        const found = await Promise.all(items.map((name) => loaded(tx, "group", account, name)));
        return { Groups: found.map((group) => shown(account, group)), ...rest };
      }),
    AddUserToGroup: (input, { account }) =>
      store.write((tx) => setMembership(tx, account, input.UserName as string, input.GroupName as string, true)),
    RemoveUserFromGroup: (input, { account }) =>
      store.write((tx) => setMembership(tx, account, input.UserName as string, input.GroupName as string, false)),
    UpdateGroup: (input, { account }) =>
      store.write(async (tx) => {
        const old = await loaded(tx, "group", account, input.GroupName as string);
        const group: Group = { ...old, name: input.NewGroupName ?? old.name, path: input.NewPath ?? old.path };
        await tx.delete(groups, keyOf(account, old.name));
        if (!(await tx.create(groups, keyOf(account, group.name), group)))
          throw alreadyExists(`Group with name ${group.name} already exists.`);
        for (const name of group.members) {
          const user = await loaded(tx, "user", account, name);
          const memberships = user.groups.map((one) => (one === old.name ? group.name : one));
          await tx.put(users, keyOf(account, name), { ...user, groups: memberships });
        }
        for (const arn of group.attached) {
          await tx.delete(attachments, [account, arn, "policy", "group", old.name.toLowerCase()]);
          await attach(tx, account, "group", group, arn);
        }
        return {};
      }),
    DeleteGroup: (input, { account }) =>
      store.write(async (tx) => {
        const group = await loaded(tx, "group", account, input.GroupName as string);
        mustBeBare(group);
        if (group.members.length > 0) throw deleteConflict("Cannot delete entity, must remove users from group first.");
        await tx.delete(groups, keyOf(account, group.name));
        return {};
      }),

    PutGroupPolicy: (input, { account }) => held.putInline(account, input.GroupName, input.PolicyName, input.PolicyDocument),
    GetGroupPolicy: async (input, { account }) => ({
      GroupName: input.GroupName,
      PolicyName: input.PolicyName,
      PolicyDocument: await held.getInline(account, input.GroupName, input.PolicyName),
    }),
    DeleteGroupPolicy: (input, { account }) => held.deleteInline(account, input.GroupName, input.PolicyName),
    ListGroupPolicies: (input, { account }) => held.listInline(account, input.GroupName, input),
    AttachGroupPolicy: (input, { account }) => held.attach(account, input.GroupName, input.PolicyArn),
    DetachGroupPolicy: (input, { account }) => held.detach(account, input.GroupName, input.PolicyArn),
    ListAttachedGroupPolicies: (input, { account }) => held.listAttached(account, input.GroupName, input),
  };
};
