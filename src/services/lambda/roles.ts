/** The roles that functions run as: whether Lambda may assume one, and its credentials. */
import type { Clock } from "../../lib/clock.ts";
import type { Aws } from "../../aws/aws.ts";
import { ServiceError } from "../../protocols/operations.ts";
import { invalid } from "./errors.ts";
import { accountOf, roleName } from "./names.ts";

export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
  readonly expires: Date;
}
interface Place {
  readonly account: string;
  readonly region: string;
}

const notAssumable = "The role defined for the function cannot be assumed by Lambda.";

/** Throws unless the role exists and lets Lambda in. */
export const checkRole = async (aws: Aws, place: Place, arn: string): Promise<void> => {
  if (accountOf(arn) !== place.account) throw new ServiceError("AccessDeniedException", "Cross-account pass role is not allowed.", 403);
  const { IAMClient, GetRoleCommand } = await import("@aws-sdk/client-iam");
  const found = await aws
    .at(place)
    .client(IAMClient)
    .send(new GetRoleCommand({ RoleName: roleName(arn) }))
    .catch((error) => {
      if (error.name === "NoSuchEntityException" || error.name === "NoSuchEntity") throw invalid(notAssumable);
      throw error;
    });
  if (found.Role?.Arn !== arn || !letsLambdaIn(found.Role.AssumeRolePolicyDocument ?? "")) throw invalid(notAssumable);
};

/** The trust policy comes percent-encoded. */
export const letsLambdaIn = (document: string): boolean => {
  let policy: { Statement?: unknown };
  try {
    policy = JSON.parse(document.startsWith("%") ? decodeURIComponent(document) : document);
  } catch {
    return false;
  }
  const statements = [policy.Statement ?? []].flat() as { Effect?: string; Action?: unknown; Principal?: "*" | Record<string, unknown> }[];
  return statements.some(({ Effect, Action, Principal }) => {
    const services = Principal === "*" ? ["*"] : [Principal?.Service ?? Principal?.AWS ?? []].flat();
    const actions = [Action ?? []].flat();
    return (
      Effect === "Allow" &&
      actions.some((action) => action === "sts:AssumeRole" || action === "sts:*" || action === "*") &&
      services.some((service) => service === "lambda.amazonaws.com" || service === "*")
    );
  });
};

/** Sessions are shared by instances and asked for anew while they still have this long. */
const leastMs = 20 * 60_000;

/** Hands out role sessions, each good for the whole timeout of an invocation that begins within minutes. */
export const roleSessions = (aws: Aws, clock: Clock) => {
  const held = new Map<string, Promise<Credentials>>();
  const assume = async (place: Place, arn: string, session: string): Promise<Credentials> => {
    const { STSClient, AssumeRoleCommand } = await import("@aws-sdk/client-sts");
    const { Credentials: found } = await aws
      .at(place)
      .client(STSClient)
      // A session's name has at least two characters, a function's one.
      .send(new AssumeRoleCommand({ RoleArn: arn, RoleSessionName: session.padEnd(2, "-") }))
      .catch((error) => {
        if (error.name === "AccessDenied" || error.name === "AccessDeniedException") throw invalid(notAssumable);
        throw error;
      });
    if (!found?.AccessKeyId || !found.SecretAccessKey || !found.SessionToken || !found.Expiration)
      throw new Error(`sts answered without credentials for ${arn}`);
    return {
      accessKeyId: found.AccessKeyId,
      secretAccessKey: found.SecretAccessKey,
      sessionToken: found.SessionToken,
      expires: found.Expiration,
    };
  };
  return {
    async of(place: Place, arn: string, session: string): Promise<Credentials> {
      const key = `${arn} ${session} ${place.region}`;
      const known = await held.get(key)?.catch(() => undefined);
      if (known && known.expires.getTime() - clock.now().getTime() > leastMs) return known;
      const coming = assume(place, arn, session);
      held.set(key, coming);
      coming.catch(() => held.delete(key));
      return coming;
    },
    forget: () => held.clear(),
  };
};
export type RoleSessions = ReturnType<typeof roleSessions>;
