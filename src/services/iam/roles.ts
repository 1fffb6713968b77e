import type * as sdk from "@aws-sdk/client-iam";
import type { Handlers } from "../../protocols/operations.ts";
import { iamId } from "../credentials.ts";
import type { Context } from "../service.ts";
import { encoded, faultOf, weightOf } from "./document.ts";
import { alreadyExists, deleteConflict, limitExceeded, malformed, marked } from "./errors.ts";
import { attach, boundaryOf, loaded, mustBeBare, policyHolding } from "./holders.ts";
import { arnOf, attachments, keyOf, type Role, roles } from "./records.ts";
import { tagList, tagsOf } from "./tags.ts";

const trustLimit = 4096;

export const shownRole = (account: string, role: Role) => ({
  Path: role.path,
  RoleName: role.name,
  RoleId: role.id,
  Arn: arnOf(account, "role", role),
  CreateDate: new Date(role.created),
  AssumeRolePolicyDocument: encoded(role.trust),
  Description: role.description,
  MaxSessionDuration: role.maxSessionDuration,
});
const shownWhole = (account: string, role: Role) => ({
  ...shownRole(account, role),
  PermissionsBoundary: boundaryOf(role),
  Tags: Object.keys(role.tags).length > 0 ? tagList(role.tags) : undefined,
});

const trusted = (document: string): string => {
  const fault = faultOf(document, "trust");
  if (fault !== undefined) throw malformed(fault);
  if (weightOf(document) > trustLimit) throw limitExceeded(`Cannot exceed quota for ACLSizePerRole: ${trustLimit}`);
  return document;
};

export const roleOperations = (context: Context): Handlers<typeof sdk> => {
  const { store, clock } = context;
  const held = policyHolding(context, "role");
  const change = async (account: string, name: string | undefined, changes: (role: Role) => Partial<Role>) => {
    const changed = await store.write(async (tx) => {
      const role = await loaded(tx, "role", account, name as string);
      const next = { ...role, ...changes(role) };
      await tx.put(roles, keyOf(account, role.name), next);
      return next;
    });
    return shownWhole(account, changed);
  };
  return {
    CreateRole: (input, { account }) =>
      store.write(async (tx) => {
        const role: Role = {
          name: input.RoleName as string,
          path: input.Path ?? "/",
          id: iamId("AROA"),
          created: clock.now().toISOString(),
          tags: tagsOf(input.Tags),
          inline: {},
          attached: [],
          boundary: input.PermissionsBoundary,
          description: input.Description,
          trust: trusted(input.AssumeRolePolicyDocument as string),
          maxSessionDuration: input.MaxSessionDuration ?? 3600,
          profiles: [],
        };
        if (!(await tx.create(roles, keyOf(account, role.name), role))) throw alreadyExists(`Role with name ${role.name} already exists.`);
        if (role.boundary !== undefined) await attach(tx, account, "role", role, role.boundary, "boundary");
        return { Role: shownWhole(account, role) };
      }),
    GetRole: async (input, { account }) => ({
      Role: shownWhole(account, await store.read((tx) => loaded(tx, "role", account, input.RoleName as string))),
    }),
    ListRoles: async (input, { account }) => {
      const all = await store.read((tx) => tx.list(roles, { prefix: [account] }));
      const within = all.filter(({ path }) => path.startsWith(input.PathPrefix ?? "/"));
      const { items, ...rest } = marked(within, ({ name }) => name.toLowerCase(), input);
      return { Roles: items.map((role) => shownRole(account, role)), ...rest };
    },
    UpdateRole: async (input, { account }) => {
      await change(account, input.RoleName, (role) => ({
        description: input.Description ?? role.description,
        maxSessionDuration: input.MaxSessionDuration ?? role.maxSessionDuration,
      }));
      return {};
    },
    UpdateRoleDescription: async (input, { account }) => ({
      Role: await change(account, input.RoleName, () => ({ description: input.Description })),
    }),
    UpdateAssumeRolePolicy: async (input, { account }) => {
      await change(account, input.RoleName, () => ({ trust: trusted(input.PolicyDocument as string) }));
      return {};
    },
    DeleteRole: (input, { account }) =>
      store.write(async (tx) => {
        const role = await loaded(tx, "role", account, input.RoleName as string);
        mustBeBare(role);
        if (role.profiles.length > 0) throw deleteConflict("Cannot delete entity, must remove roles from instance profile first.");
        if (role.boundary) await tx.delete(attachments, [account, role.boundary, "boundary", "role", role.name.toLowerCase()]);
        await tx.delete(roles, keyOf(account, role.name));
        return {};
      }),

    PutRolePolicy: (input, { account }) => held.putInline(account, input.RoleName, input.PolicyName, input.PolicyDocument),
    GetRolePolicy: async (input, { account }) => ({
      RoleName: input.RoleName,
      PolicyName: input.PolicyName,
      PolicyDocument: await held.getInline(account, input.RoleName, input.PolicyName),
    }),
    DeleteRolePolicy: (input, { account }) => held.deleteInline(account, input.RoleName, input.PolicyName),
    ListRolePolicies: (input, { account }) => held.listInline(account, input.RoleName, input),
    AttachRolePolicy: (input, { account }) => held.attach(account, input.RoleName, input.PolicyArn),
    DetachRolePolicy: (input, { account }) => held.detach(account, input.RoleName, input.PolicyArn),
    ListAttachedRolePolicies: (input, { account }) => held.listAttached(account, input.RoleName, input),
    PutRolePermissionsBoundary: (input, { account }) => held.setBoundary(account, input.RoleName, input.PermissionsBoundary),
    DeleteRolePermissionsBoundary: (input, { account }) => held.setBoundary(account, input.RoleName, undefined),
    TagRole: (input, { account }) => held.tag(account, input.RoleName, input.Tags),
    UntagRole: (input, { account }) => held.untag(account, input.RoleName, input.TagKeys),
    ListRoleTags: (input, { account }) => held.listTags(account, input.RoleName, input),
  };
};
