import { GetRoleCommand, IAMClient } from "@aws-sdk/client-iam";
import { ServiceError } from "../protocols/operations.ts";
import type { Principal } from "../services/principal.ts";
import type { Aws } from "./aws.ts";

/** Who a service is while it acts as that role. Throws AccessDenied, as STS does, when there is no such role. */
export const assumedRole = async (aws: Aws, service: string, roleArn: string, sessionName: string): Promise<Principal> => {
  const parts = /^arn:[\w-]+:iam::(\d{12}):role\/(?:.*\/)?([^/]+)$/.exec(roleArn);
  const refused = (why: string) =>
    new ServiceError(
      "AccessDenied",
      `User: ${service}.amazonaws.com is not authorized to perform: sts:AssumeRole on resource: ${roleArn} (${why})`,
      403,
    );
  if (!parts) throw refused("not the ARN of a role");
  const [, account, name] = parts as unknown as [string, string, string];
  try {
    const { Role } = await aws
      .at({ account, region: "us-east-1" })
      .client(IAMClient)
      .send(new GetRoleCommand({ RoleName: name }));
    return {
      kind: "role",
      account,
      arn: `arn:aws:sts::${account}:assumed-role/${name}/${sessionName}`,
      id: `${Role?.RoleId}:${sessionName}`,
    };
  } catch (error) {
    if ((error as Error).name === "NoSuchEntityException") throw refused("there is no such role");
    throw error;
  }
};
