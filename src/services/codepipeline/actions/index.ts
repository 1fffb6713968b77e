/** The providers we have. An action of any other is refused by name when its pipeline is made. */
import type { ActionTypeRef } from "../records.ts";
import type { Provider } from "./action.ts";
import { cloudFormation } from "./cloudformation.ts";
import { codeBuild, codeBuildTest } from "./codebuild.ts";
import { codeCommit } from "./codecommit.ts";
import { lambda } from "./lambda.ts";
import { manualApproval } from "./manual-approval.ts";
import { s3Deploy } from "./s3-deploy.ts";
import { s3Source } from "./s3-source.ts";

export const providers: readonly Provider[] = [
  codeCommit,
  s3Source,
  codeBuild,
  codeBuildTest,
  manualApproval,
  cloudFormation,
  s3Deploy,
  lambda,
];

export const providerOf = (type: ActionTypeRef): Provider | undefined =>
  type.owner === "AWS" && type.version === "1"
    ? providers.find((one) => one.category === type.category && one.provider === type.provider)
    : undefined;
