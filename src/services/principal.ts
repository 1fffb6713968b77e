/** Who makes a request. */
export interface Principal {
  readonly kind: "root" | "user" | "role" | "service" | "anonymous";
  readonly account: string;
  /** `arn:aws:iam::…:root`, `…:user/x`, `arn:aws:sts::…:assumed-role/role/session`; a service is `codepipeline.amazonaws.com`. */
  readonly arn: string;
  /** `AIDA…`, `AROA…:session`, or the account for root. */
  readonly id: string;
  readonly accessKeyId?: string;
}

export const servicePrincipal = (service: string, account: string): Principal => ({
  kind: "service",
  account,
  arn: `${service}.amazonaws.com`,
  id: `${service}.amazonaws.com`,
});
