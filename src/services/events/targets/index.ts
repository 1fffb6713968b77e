import { invalid, notImplemented } from "../errors.ts";
import { codebuild } from "./codebuild.ts";
import { codepipeline } from "./codepipeline.ts";
import { eventBus } from "./event-bus.ts";
import { lambda } from "./lambda.ts";
import { logs } from "./logs.ts";
import { sns } from "./sns.ts";
import { arnParts, type TargetKind } from "./target.ts";

/** By what the ARN looks like after its account. */
const kinds: readonly { service: string; resource: RegExp; kind: TargetKind }[] = [
  { service: "codepipeline", resource: /^[^/:]+$/, kind: codepipeline },
  { service: "codebuild", resource: /^project\/.+/, kind: codebuild },
  { service: "lambda", resource: /^function:.+/, kind: lambda },
  { service: "sns", resource: /^[^:/]+$/, kind: sns },
  { service: "logs", resource: /^log-group:.+/, kind: logs },
  { service: "events", resource: /^event-bus\/.+/, kind: eventBus },
];

/** Throws for an ARN that names no kind of target we have. */
export const targetFor = (arn: string): TargetKind => {
  const { service, account, region, resource } = arnParts(arn);
  if (!arn.startsWith("arn:") || !service || !resource)
    throw invalid(`Parameter ${arn} is not valid. Reason: Provided Arn is not in correct format.`);
  const found = kinds.find((one) => one.service === service && one.resource.test(resource));
  if (!found) throw notImplemented(`Targets of ${service} (${arn}) are not implemented by Mayfly.`);
  if (!region || !account) throw invalid(`Parameter ${arn} is not valid. Reason: Provided Arn is not in correct format.`);
  return found.kind;
};
