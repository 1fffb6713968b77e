/** The policies of a role, a user or a group, brought from what was to what is wanted. Setting what is set already changes nothing. */
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
import { unlessGone } from "./resource.ts";

export const GONE = ["NoSuchEntityException"];
export type Holder = "role" | "user" | "group";
interface Wanted {
  readonly Policies?: readonly { readonly PolicyName: string; readonly PolicyDocument: unknown }[];
  readonly ManagedPolicyArns?: readonly string[];
}

export const policyText = (document: unknown): string => (typeof document === "string" ? document : JSON.stringify(document));

export const putInline = (aws: Aws, holder: Holder, name: string, PolicyName: string, document: unknown): Promise<unknown> => {
  const client = aws.client(IAMClient);
  const policy = { PolicyName, PolicyDocument: policyText(document) };
  if (holder === "role") return client.send(new PutRolePolicyCommand({ RoleName: name, ...policy }));
  if (holder === "user") return client.send(new PutUserPolicyCommand({ UserName: name, ...policy }));
  return client.send(new PutGroupPolicyCommand({ GroupName: name, ...policy }));
};
export const deleteInline = (aws: Aws, holder: Holder, name: string, PolicyName: string): Promise<unknown> =>
  unlessGone<unknown>(GONE, () => {
    const client = aws.client(IAMClient);
    if (holder === "role") return client.send(new DeleteRolePolicyCommand({ RoleName: name, PolicyName }));
    if (holder === "user") return client.send(new DeleteUserPolicyCommand({ UserName: name, PolicyName }));
    return client.send(new DeleteGroupPolicyCommand({ GroupName: name, PolicyName }));
  });
export const attach = (aws: Aws, holder: Holder, name: string, PolicyArn: string): Promise<unknown> => {
  const client = aws.client(IAMClient);
  if (holder === "role") return client.send(new AttachRolePolicyCommand({ RoleName: name, PolicyArn }));
  if (holder === "user") return client.send(new AttachUserPolicyCommand({ UserName: name, PolicyArn }));
  return client.send(new AttachGroupPolicyCommand({ GroupName: name, PolicyArn }));
};
export const detach = (aws: Aws, holder: Holder, name: string, PolicyArn: string): Promise<unknown> =>
  unlessGone<unknown>(GONE, () => {
    const client = aws.client(IAMClient);
    if (holder === "role") return client.send(new DetachRolePolicyCommand({ RoleName: name, PolicyArn }));
    if (holder === "user") return client.send(new DetachUserPolicyCommand({ UserName: name, PolicyArn }));
    return client.send(new DetachGroupPolicyCommand({ GroupName: name, PolicyArn }));
  });

export const setPolicies = async (aws: Aws, holder: Holder, name: string, was: Wanted, wanted: Wanted): Promise<void> => {
  const policies = wanted.Policies ?? [];
  const arns = wanted.ManagedPolicyArns ?? [];
  for (const { PolicyName, PolicyDocument } of policies) await putInline(aws, holder, name, PolicyName, PolicyDocument);
  for (const arn of arns) await attach(aws, holder, name, arn);
  for (const { PolicyName } of was.Policies ?? [])
    if (!policies.some((one) => one.PolicyName === PolicyName)) await deleteInline(aws, holder, name, PolicyName);
  for (const arn of was.ManagedPolicyArns ?? []) if (!arns.includes(arn)) await detach(aws, holder, name, arn);
};
