/** Policies of roles, users and groups: attached, inline, and the differences between two lists of them. */
import {
  AttachGroupPolicyCommand,
  AttachRolePolicyCommand,
  AttachUserPolicyCommand,
  DeleteGroupPolicyCommand,
  DeleteRolePolicyCommand,
  DeleteUserPolicyCommand,
  DetachGroupPolicyCommand,
  DetachRolePolicyCommand,
  DetachUserPolicyCommand,
  IAMClient,
  PutGroupPolicyCommand,
  PutRolePolicyCommand,
  PutUserPolicyCommand,
} from "@aws-sdk/client-iam";
import type { Aws } from "../../../aws/aws.ts";
import { same } from "../template/value.ts";
import { unlessGone } from "./resource.ts";
import { documentText, listChanges } from "./tools.ts";

export interface Inline {
  readonly PolicyName: string;
  readonly PolicyDocument: unknown;
}
export type Kind = "Role" | "User" | "Group";
export const gone = ["NoSuchEntityException", "NoSuchEntity"];
export const taken = ["EntityAlreadyExistsException", "EntityAlreadyExists"];

export const attach = (aws: Aws, kind: Kind, name: string, PolicyArn: string): Promise<unknown> => {
  const iam = aws.client(IAMClient);
  if (kind === "Role") return iam.send(new AttachRolePolicyCommand({ RoleName: name, PolicyArn }));
  if (kind === "User") return iam.send(new AttachUserPolicyCommand({ UserName: name, PolicyArn }));
  return iam.send(new AttachGroupPolicyCommand({ GroupName: name, PolicyArn }));
};
export const detach = (aws: Aws, kind: Kind, name: string, PolicyArn: string): Promise<unknown> => {
  const iam = aws.client(IAMClient);
  return unlessGone(gone, async () => {
    if (kind === "Role") return iam.send(new DetachRolePolicyCommand({ RoleName: name, PolicyArn }));
    if (kind === "User") return iam.send(new DetachUserPolicyCommand({ UserName: name, PolicyArn }));
    return iam.send(new DetachGroupPolicyCommand({ GroupName: name, PolicyArn }));
  });
};
export const put = (aws: Aws, kind: Kind, name: string, policy: Inline): Promise<unknown> => {
  const iam = aws.client(IAMClient);
  const given = { PolicyName: policy.PolicyName, PolicyDocument: documentText(policy.PolicyDocument) };
  if (kind === "Role") return iam.send(new PutRolePolicyCommand({ RoleName: name, ...given }));
  if (kind === "User") return iam.send(new PutUserPolicyCommand({ UserName: name, ...given }));
  return iam.send(new PutGroupPolicyCommand({ GroupName: name, ...given }));
};
export const take = (aws: Aws, kind: Kind, name: string, PolicyName: string): Promise<unknown> => {
  const iam = aws.client(IAMClient);
  return unlessGone(gone, async () => {
    if (kind === "Role") return iam.send(new DeleteRolePolicyCommand({ RoleName: name, PolicyName }));
    if (kind === "User") return iam.send(new DeleteUserPolicyCommand({ UserName: name, PolicyName }));
    return iam.send(new DeleteGroupPolicyCommand({ GroupName: name, PolicyName }));
  });
};

interface Lists {
  readonly ManagedPolicyArns?: readonly string[];
  readonly Policies?: readonly Inline[];
}
/** Brings a principal's policies from one state to another. */
export const changePolicies = async (aws: Aws, kind: Kind, name: string, before: Lists, after: Lists): Promise<void> => {
  const managed = listChanges(before.ManagedPolicyArns, after.ManagedPolicyArns);
  for (const arn of managed.come) await attach(aws, kind, name, arn);
  const old = before.Policies ?? [];
  const next = after.Policies ?? [];
  for (const policy of next) if (!old.some((one) => same(one, policy))) await put(aws, kind, name, policy);
  for (const policy of old) if (!next.some((one) => one.PolicyName === policy.PolicyName)) await take(aws, kind, name, policy.PolicyName);
  for (const arn of managed.gone) await detach(aws, kind, name, arn);
};
