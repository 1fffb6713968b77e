import type { Permissions } from "../service.ts";

interface Input {
  readonly SecretId?: string;
  readonly Name?: string;
}
const withoutResource = new Set(["ListSecrets", "GetRandomPassword", "BatchGetSecretValue"]);

export const permissions: Permissions = {
  of: (operation, input: Input, { account, region }) => {
    const id = input.SecretId ?? input.Name ?? "*";
    // By its name alone a secret is any with that name: policies end such an ARN with six question marks.
    const arn = id.startsWith("arn:") ? id : `arn:aws:secretsmanager:${region}:${account}:secret:${id}-??????`;
    return [{ action: `secretsmanager:${operation}`, resource: withoutResource.has(operation) ? "*" : arn }];
  },
};
