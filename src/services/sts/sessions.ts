import * as sdk from "@aws-sdk/client-sts";
import { GetRoleCommand, IAMClient, NoSuchEntityException } from "@aws-sdk/client-iam";
import { type Handlers, ServiceError } from "../../protocols/operations.ts";
import type { Task } from "../../queue/queue.ts";
import { type AccessKey, accessKeys, newSessionKey } from "../credentials.ts";
import type { Principal } from "../principal.ts";
import type { Call, Context } from "../service.ts";
import { partsOfRole, roleSessionSeconds, tokenSeconds } from "./durations.ts";

/** An ended session's key is remembered this much longer, so that its user hears "expired" and not "unknown". */
const rememberedMs = 24 * 3600 * 1000;

const denied = (call: Call, operation: string, resource: string) =>
  new ServiceError(
    "AccessDenied",
    `User: ${call.principal.arn} is not authorized to perform: sts:${operation} on resource: ${resource}`,
    403,
  );

export const sessionOperations = ({ store, clock, aws }: Context): Handlers<typeof sdk> => {
  const open = async (principal: Principal, seconds: number, session?: AccessKey["session"]) => {
    const key = newSessionKey(principal, clock.now(), seconds);
    await store.write(async (tx) => {
      await tx.put(accessKeys, [key.accessKeyId], session ? { ...key, session } : key);
      await tx.later({
        name: "sts.forget",
        id: `sts.forget/${key.accessKeyId}`,
        payload: { accessKeyId: key.accessKeyId },
        at: new Date(Date.parse(key.expires) + rememberedMs),
      });
    });
    return {
      AccessKeyId: key.accessKeyId,
      SecretAccessKey: key.secretAccessKey,
      SessionToken: key.sessionToken,
      Expiration: new Date(key.expires),
    };
  };
  const roleOf = async (call: Call, arn: string) => {
    const parts = partsOfRole(arn);
    if (!parts || parts.account !== call.account || call.principal.kind === "anonymous") throw denied(call, "AssumeRole", arn);
    try {
      const { Role } = await aws
        .at(call)
        .client(IAMClient)
        .send(new GetRoleCommand({ RoleName: parts.name }));
      if (Role?.Arn === arn) return Role;
    } catch (error) {
      if (!(error instanceof NoSuchEntityException)) throw error;
    }
    throw denied(call, "AssumeRole", arn);
  };

  return {
    AssumeRole: async (input, call) => {
      const role = await roleOf(call, input.RoleArn as string);
      // A service's own session may outlast the role's maximum: a build keeps one session to its end.
      const longest = call.principal.kind === "service" ? 43200 : (role.MaxSessionDuration ?? 3600);
      const seconds = roleSessionSeconds(input.DurationSeconds, longest, isSession(call.principal));
      if (input.Policy !== undefined) mustBeJson(input.Policy);
      const name = input.RoleSessionName as string;
      const principal: Principal = {
        kind: "role",
        account: call.account,
        arn: `arn:aws:sts::${call.account}:assumed-role/${role.RoleName}/${name}`,
        id: `${role.RoleId}:${name}`,
      };
      const policyArns = input.PolicyArns?.map(({ arn }) => arn as string);
      const tags = input.Tags && Object.fromEntries(input.Tags.map(({ Key, Value }) => [Key as string, Value as string]));
      const narrowed = input.Policy !== undefined || policyArns !== undefined || tags !== undefined;
      return {
        Credentials: await open(principal, seconds, narrowed ? { policy: input.Policy, policyArns, tags } : undefined),
        AssumedRoleUser: { AssumedRoleId: principal.id, Arn: principal.arn },
        SourceIdentity: input.SourceIdentity,
      };
    },
    GetSessionToken: async (input, call) => {
      if (isSession(call.principal) || !["root", "user"].includes(call.principal.kind))
        throw new ServiceError("AccessDenied", "Cannot call GetSessionToken with session credentials", 403);
      if (input.SerialNumber !== undefined || input.TokenCode !== undefined)
        throw new ServiceError("AccessDenied", "MultiFactorAuthentication failed: the user has no MFA device", 403);
      const { accessKeyId: _, ...principal } = call.principal;
      return { Credentials: await open(principal, tokenSeconds(input.DurationSeconds, principal.kind === "root")) };
    },
    GetCallerIdentity: (_input, { principal }) => ({ UserId: principal.id, Account: principal.account, Arn: principal.arn }),
    GetAccessKeyInfo: async (input) => {
      const key = await store.read((tx) => tx.get(accessKeys, [input.AccessKeyId as string]));
      if (!key) throw new ServiceError("ValidationError", `Invalid AccessKeyId: ${input.AccessKeyId}`);
      return { Account: key.principal.account };
    },
  };
};

/** The task that removes a session's key for good. */
export const forget = (task: Task): Promise<void> =>
  task.finish((tx) => tx.delete(accessKeys, [(task.payload as { accessKeyId: string }).accessKeyId]));

const isSession = (principal: Principal) => principal.kind === "role" || (principal.accessKeyId?.startsWith("ASIA") ?? false);
const mustBeJson = (policy: string) => {
  try {
    JSON.parse(policy);
  } catch {
    throw new sdk.MalformedPolicyDocumentException({ message: "This policy contains invalid Json", $metadata: {} });
  }
};
