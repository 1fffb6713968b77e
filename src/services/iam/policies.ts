import type * as sdk from "@aws-sdk/client-iam";
import type { Handlers } from "../../protocols/operations.ts";
import type { Reading } from "../../store/store.ts";
import { iamId } from "../credentials.ts";
import type { Context } from "../service.ts";
import { type AwsPolicy, awsPolicies, awsPoliciesSince } from "./aws-policies.ts";
import { encoded, weightOf } from "./document.ts";
import { alreadyExists, deleteConflict, invalid, limitExceeded, marked, noSuchEntity } from "./errors.ts";
import { mustBeIdentityPolicy } from "./holders.ts";
import { arnOf, attachments, type Policy, policies } from "./records.ts";
import { tagList, tagsOf, withoutTags, withTags } from "./tags.ts";

const versionLimit = 5;
const sizeLimit = 6144;

const awsVersion = (policy: AwsPolicy) => ({
  VersionId: "v1",
  IsDefaultVersion: true,
  CreateDate: new Date(awsPoliciesSince),
  Document: encoded(policy.document),
});
const ownVersion = (policy: Policy, version: Policy["versions"][number]) => ({
  VersionId: version.id,
  IsDefaultVersion: version.id === policy.defaultVersion,
  CreateDate: new Date(version.created),
  Document: encoded(version.document),
});
const sound = (document: string): string => {
  mustBeIdentityPolicy(document);
  if (weightOf(document) > sizeLimit) throw limitExceeded(`Cannot exceed quota for PolicySize: ${sizeLimit}`);
  return document;
};
const missing = (arn: string | undefined) => noSuchEntity(`Policy ${arn} does not exist or is not attachable.`);

/** Of every policy anybody holds: how often as a policy, how often as a boundary. */
const usage = async (tx: Reading, account: string): Promise<Map<string, { policy: number; boundary: number }>> => {
  const counts = new Map<string, { policy: number; boundary: number }>();
  for (const { key, value } of await tx.entries(attachments, { prefix: [account] })) {
    const count = counts.get(key[1]) ?? { policy: 0, boundary: 0 };
    counts.set(key[1], { ...count, [value.as]: count[value.as] + 1 });
  }
  return counts;
};
type Usage = Awaited<ReturnType<typeof usage>>;

const shownAws = (policy: AwsPolicy, counts: Usage) => ({
  PolicyName: policy.name,
  PolicyId: policy.id,
  Arn: policy.arn,
  Path: policy.path,
  DefaultVersionId: "v1",
  AttachmentCount: counts.get(policy.arn)?.policy ?? 0,
  PermissionsBoundaryUsageCount: counts.get(policy.arn)?.boundary ?? 0,
  IsAttachable: true,
  CreateDate: new Date(awsPoliciesSince),
  UpdateDate: new Date(awsPoliciesSince),
});
const shown = (policy: Policy, counts: Usage) => ({
  PolicyName: policy.name,
  PolicyId: policy.id,
  Arn: policy.arn,
  Path: policy.path,
  DefaultVersionId: policy.defaultVersion,
  AttachmentCount: counts.get(policy.arn)?.policy ?? 0,
  PermissionsBoundaryUsageCount: counts.get(policy.arn)?.boundary ?? 0,
  IsAttachable: true,
  CreateDate: new Date(policy.created),
  UpdateDate: new Date(policy.updated),
});
const shownWhole = (policy: Policy, counts: Usage) => ({
  ...shown(policy, counts),
  Description: policy.description,
  Tags: tagList(policy.tags),
});

export const policyOperations = ({ store, clock }: Context): Handlers<typeof sdk> => {
  const own = async (tx: Reading, account: string, arn: string | undefined): Promise<Policy> => {
    const policy = await tx.get(policies, [account, arn as string]);
    if (!policy) throw missing(arn);
    return policy;
  };
  const change = <R>(account: string, arn: string | undefined, work: (policy: Policy) => { policy: Policy; result: R }) =>
    store.write(async (tx) => {
      if (awsPolicies.has(arn as string)) throw invalid(`Policy ${arn} is managed by AWS and cannot be changed.`);
      const { policy, result } = work(await own(tx, account, arn));
      await tx.put(policies, [account, policy.arn], policy);
      return result;
    });
  const versionsOf = async (account: string, arn: string | undefined) => {
    const known = awsPolicies.get(arn as string);
    if (known) return [awsVersion(known)];
    const policy = await store.read((tx) => own(tx, account, arn));
    return policy.versions.map((version) => ownVersion(policy, version));
  };

  return {
    CreatePolicy: (input, { account }) =>
      store.write(async (tx) => {
        const now = clock.now().toISOString();
        const path = input.Path ?? "/";
        const name = input.PolicyName as string;
        const policy: Policy = {
          name,
          path,
          id: iamId("ANPA"),
          arn: arnOf(account, "policy", { path, name }),
          description: input.Description,
          created: now,
          updated: now,
          tags: tagsOf(input.Tags),
          defaultVersion: "v1",
          nextVersion: 2,
          versions: [{ id: "v1", document: sound(input.PolicyDocument as string), created: now }],
        };
        const others = await tx.list(policies, { prefix: [account] });
        if (others.some((other) => other.name.toLowerCase() === name.toLowerCase()))
          throw alreadyExists(`A policy called ${name} already exists. Duplicate names are not allowed.`);
        await tx.create(policies, [account, policy.arn], policy);
        return { Policy: shownWhole(policy, new Map()) };
      }),
    GetPolicy: (input, { account }) =>
      store.read(async (tx) => {
        const counts = await usage(tx, account);
        const known = awsPolicies.get(input.PolicyArn as string);
        return { Policy: known ? shownAws(known, counts) : shownWhole(await own(tx, account, input.PolicyArn), counts) };
      }),
    ListPolicies: (input, { account }) =>
      store.read(async (tx) => {
        const counts = await usage(tx, account);
        const scope = input.Scope ?? "All";
        const all = [
          ...(scope === "AWS" ? [] : (await tx.list(policies, { prefix: [account] })).map((policy) => shown(policy, counts))),
          ...(scope === "Local" ? [] : [...awsPolicies.values()].map((policy) => shownAws(policy, counts))),
        ].filter((policy) => {
          const used = input.PolicyUsageFilter === "PermissionsBoundary" ? policy.PermissionsBoundaryUsageCount : policy.AttachmentCount;
          return policy.Path.startsWith(input.PathPrefix ?? "/") && (!input.OnlyAttached || used > 0);
        });
        const { items, ...rest } = marked(all, ({ Arn }) => Arn, input);
        return { Policies: items, ...rest };
      }),
    DeletePolicy: (input, { account }) =>
      store.write(async (tx) => {
        const policy = await own(tx, account, input.PolicyArn);
        const held = await tx.list(attachments, { prefix: [account, policy.arn], limit: 1 });
        if (held.length > 0) throw deleteConflict("Cannot delete a policy attached to entities.");
        if (policy.versions.length > 1)
          throw deleteConflict(
            "This policy has more than one version. Before you delete a policy, you must delete the policy's versions. The default version is deleted with the policy.",
          );
        await tx.delete(policies, [account, policy.arn]);
        return {};
      }),
    CreatePolicyVersion: (input, { account }) =>
      change(account, input.PolicyArn, (policy) => {
        if (policy.versions.length >= versionLimit)
          throw limitExceeded(
            `A managed policy can have up to ${versionLimit} versions. Before you create a new version, you must delete an existing version.`,
          );
        const now = clock.now().toISOString();
        const version = { id: `v${policy.nextVersion}`, document: sound(input.PolicyDocument as string), created: now };
        const next: Policy = {
          ...policy,
          updated: now,
          nextVersion: policy.nextVersion + 1,
          versions: [...policy.versions, version],
          defaultVersion: input.SetAsDefault ? version.id : policy.defaultVersion,
        };
        const { Document: _, ...result } = ownVersion(next, version);
        return { policy: next, result: { PolicyVersion: result } };
      }),
    DeletePolicyVersion: (input, { account }) =>
      change(account, input.PolicyArn, (policy) => {
        if (input.VersionId === policy.defaultVersion) throw deleteConflict("Cannot delete the default version of a policy.");
        const versions = policy.versions.filter(({ id }) => id !== input.VersionId);
        if (versions.length === policy.versions.length)
          throw noSuchEntity(`Policy ${policy.arn} version ${input.VersionId} does not exist or is not attachable.`);
        return { policy: { ...policy, versions }, result: {} };
      }),
    SetDefaultPolicyVersion: (input, { account }) =>
      change(account, input.PolicyArn, (policy) => {
        if (!policy.versions.some(({ id }) => id === input.VersionId))
          throw noSuchEntity(`Policy ${policy.arn} version ${input.VersionId} does not exist or is not attachable.`);
        return { policy: { ...policy, defaultVersion: input.VersionId as string, updated: clock.now().toISOString() }, result: {} };
      }),
    GetPolicyVersion: async (input, { account }) => {
      const found = (await versionsOf(account, input.PolicyArn)).find(({ VersionId }) => VersionId === input.VersionId);
      if (!found) throw noSuchEntity(`Policy ${input.PolicyArn} version ${input.VersionId} does not exist or is not attachable.`);
      return { PolicyVersion: found };
    },
    ListPolicyVersions: async (input, { account }) => {
      const versions = (await versionsOf(account, input.PolicyArn)).map(({ Document: _, ...version }) => version);
      const { items, ...rest } = marked(versions, ({ VersionId }) => VersionId.padStart(12), input);
      return { Versions: items.reverse(), ...rest };
    },
    ListEntitiesForPolicy: (input, { account }) =>
      store.read(async (tx) => {
        const arn = input.PolicyArn as string;
        if (!awsPolicies.has(arn)) await own(tx, account, arn);
        const as = input.PolicyUsageFilter === "PermissionsBoundary" ? "boundary" : "policy";
        const all = await tx.list(attachments, { prefix: [account, arn, as] });
        const wanted = all.filter(({ kind }) => input.EntityFilter === undefined || input.EntityFilter.toLowerCase() === kind);
        const { items, ...rest } = marked(wanted, ({ kind, name }) => `${kind}/${name}`, input);
        const of = (kind: string) => items.filter((one) => one.kind === kind);
        return {
          PolicyUsers: of("user").map(({ name, id }) => ({ UserName: name, UserId: id })),
          PolicyGroups: of("group").map(({ name, id }) => ({ GroupName: name, GroupId: id })),
          PolicyRoles: of("role").map(({ name, id }) => ({ RoleName: name, RoleId: id })),
          ...rest,
        };
      }),
    TagPolicy: (input, { account }) =>
      change(account, input.PolicyArn, (policy) => ({ policy: { ...policy, tags: withTags(policy.tags, input.Tags ?? []) }, result: {} })),
    UntagPolicy: (input, { account }) =>
      change(account, input.PolicyArn, (policy) => ({
        policy: { ...policy, tags: withoutTags(policy.tags, input.TagKeys ?? []) },
        result: {},
      })),
    ListPolicyTags: async (input, { account }) => {
      if (awsPolicies.has(input.PolicyArn as string)) return { Tags: [], IsTruncated: false };
      const policy = await store.read((tx) => own(tx, account, input.PolicyArn));
      const { items, ...rest } = marked(tagList(policy.tags), ({ Key }) => Key, input);
      return { Tags: items, ...rest };
    },
  };
};
