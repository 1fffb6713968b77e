import type * as sdk from "@aws-sdk/client-iam";
import type { Handlers } from "../../protocols/operations.ts";
import { iamId, renameOwner } from "../credentials.ts";
import type { Call, Context } from "../service.ts";
import { alreadyExists, deleteConflict, invalid, marked } from "./errors.ts";
import { attach, boundaryOf, loaded, mustBeBare, policyHolding } from "./holders.ts";
import { arnOf, attachments, groups, keyOf, type User, userPrincipal, users } from "./records.ts";
import { tagList, tagsOf } from "./tags.ts";

/** The user an operation means when it names none: who calls. */
export const userNamed = (name: string | undefined, call: Call): string => {
  if (name !== undefined) return name;
  if (call.principal.kind !== "user") throw invalid("Must specify userName when calling with non-User credentials");
  return call.principal.arn.slice(call.principal.arn.lastIndexOf("/") + 1);
};

const shown = (account: string, user: User) => ({
  Path: user.path,
  UserName: user.name,
  UserId: user.id,
  Arn: arnOf(account, "user", user),
  CreateDate: new Date(user.created),
});
const shownWhole = (account: string, user: User) => ({
  ...shown(account, user),
  PermissionsBoundary: boundaryOf(user),
  Tags: Object.keys(user.tags).length > 0 ? tagList(user.tags) : undefined,
});

export const userOperations = (context: Context): Handlers<typeof sdk> => {
  const { store, clock } = context;
  const held = policyHolding(context, "user");
  return {
    CreateUser: (input, { account }) =>
      store.write(async (tx) => {
        const user: User = {
          name: input.UserName as string,
          path: input.Path ?? "/",
          id: iamId("AIDA"),
          created: clock.now().toISOString(),
          tags: tagsOf(input.Tags),
          inline: {},
          attached: [],
          boundary: input.PermissionsBoundary,
          groups: [],
          accessKeys: [],
          gitNames: [],
        };
        if (!(await tx.create(users, keyOf(account, user.name), user))) throw alreadyExists(`User with name ${user.name} already exists.`);
        if (user.boundary !== undefined) await attach(tx, account, "user", user, user.boundary, "boundary");
        return { User: shownWhole(account, user) };
      }),
    GetUser: async (input, call) => {
      if (input.UserName === undefined && call.principal.kind === "root")
        return { User: { Path: "/", UserName: undefined, UserId: call.account, Arn: call.principal.arn, CreateDate: new Date(0) } };
      return {
        User: shownWhole(call.account, await store.read((tx) => loaded(tx, "user", call.account, userNamed(input.UserName, call)))),
      };
    },
    ListUsers: async (input, { account }) => {
      const all = await store.read((tx) => tx.list(users, { prefix: [account] }));
      const within = all.filter(({ path }) => path.startsWith(input.PathPrefix ?? "/"));
      const { items, ...rest } = marked(within, ({ name }) => name.toLowerCase(), input);
      return { Users: items.map((user) => shown(account, user)), ...rest };
    },
    UpdateUser: (input, { account }) =>
      store.write(async (tx) => {
        const old = await loaded(tx, "user", account, input.UserName as string);
        const user: User = { ...old, name: input.NewUserName ?? old.name, path: input.NewPath ?? old.path };
        await tx.delete(users, keyOf(account, old.name));
        if (!(await tx.create(users, keyOf(account, user.name), user))) throw alreadyExists(`User with name ${user.name} already exists.`);
        await renameOwner(tx, user.accessKeys, user.gitNames, userPrincipal(account, user));
        for (const name of user.groups) {
          const group = await tx.get(groups, keyOf(account, name));
          if (group)
            await tx.put(groups, keyOf(account, name), {
              ...group,
              members: group.members.map((member) => (member === old.name ? user.name : member)),
            });
        }
        for (const arn of user.attached) {
          await tx.delete(attachments, [account, arn, "policy", "user", old.name.toLowerCase()]);
          await attach(tx, account, "user", user, arn);
        }
        if (user.boundary) {
          await tx.delete(attachments, [account, user.boundary, "boundary", "user", old.name.toLowerCase()]);
          await attach(tx, account, "user", user, user.boundary, "boundary");
        }
        return {};
      }),
    DeleteUser: (input, { account }) =>
      store.write(async (tx) => {
        const user = await loaded(tx, "user", account, input.UserName as string);
        mustBeBare(user);
        if (user.accessKeys.length > 0) throw deleteConflict("Cannot delete entity, must delete access keys first.");
        if (user.gitNames.length > 0)
          throw deleteConflict("Cannot delete entity, must remove referenced objects first. (service specific credentials)");
        if (user.groups.length > 0) throw deleteConflict("Cannot delete entity, must remove users from group first.");
        if (user.boundary) await tx.delete(attachments, [account, user.boundary, "boundary", "user", user.name.toLowerCase()]);
        await tx.delete(users, keyOf(account, user.name));
        return {};
      }),

    PutUserPolicy: (input, { account }) => held.putInline(account, input.UserName, input.PolicyName, input.PolicyDocument),
    GetUserPolicy: async (input, { account }) => ({
      UserName: input.UserName,
      PolicyName: input.PolicyName,
      PolicyDocument: await held.getInline(account, input.UserName, input.PolicyName),
    }),
    DeleteUserPolicy: (input, { account }) => held.deleteInline(account, input.UserName, input.PolicyName),
    ListUserPolicies: (input, { account }) => held.listInline(account, input.UserName, input),
    AttachUserPolicy: (input, { account }) => held.attach(account, input.UserName, input.PolicyArn),
    DetachUserPolicy: (input, { account }) => held.detach(account, input.UserName, input.PolicyArn),
    ListAttachedUserPolicies: (input, { account }) => held.listAttached(account, input.UserName, input),
    PutUserPermissionsBoundary: (input, { account }) => held.setBoundary(account, input.UserName, input.PermissionsBoundary),
    DeleteUserPermissionsBoundary: (input, { account }) => held.setBoundary(account, input.UserName, undefined),
    TagUser: (input, { account }) => held.tag(account, input.UserName, input.Tags),
    UntagUser: (input, { account }) => held.untag(account, input.UserName, input.TagKeys),
    ListUserTags: (input, { account }) => held.listTags(account, input.UserName, input),
  };
};
