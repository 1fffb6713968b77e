import { hasDynamicReference, resolveDynamic } from "./dynamic.ts";
import type { Standing, Step } from "./records.ts";
import { type Change, type Made, ResourceFailure, type Wait, type Waiting, type Work } from "./resources/resource.ts";
import type { Run } from "./run.ts";
import { isCustom } from "./types.ts";
import type { Outcome } from "./walk.ts";

export interface Effect {
  readonly logicalId: string;
  readonly type: string;
  readonly step: Step;
  /** What the step is done to; absent for a creation. */
  readonly stands?: Standing;
  readonly again: boolean;
  readonly rollback?: boolean;
}

/** Carries a step out through its type. Every failure is an outcome. */
export const perform = async (run: Run, effect: Effect): Promise<Outcome> => {
  const { step, stands, logicalId } = effect;
  let physicalId = step.waiting?.physicalId ?? (step.action === "create" ? undefined : stands?.physicalId);
  try {
    const type = run.types.get(effect.type);
    if (!type) throw new ResourceFailure(`there is no type ${effect.type}`);
    const deleting = step.action === "delete";
    if (
      !deleting &&
      isCustom(effect.type) &&
      hasDynamicReference(step.properties) &&
      /resolve:(ssm-secure|secretsmanager)/.test(JSON.stringify(step.properties))
    ) {
      throw new ResourceFailure("Dynamic references to secure values are not supported in custom resources");
    }
    const work: Work = {
      type: effect.type,
      logicalId,
      properties: deleting ? step.properties : await resolveDynamic(run.aws, step.properties),
      name: step.name,
      token: step.token,
      again: effect.again || step.again === true,
      startedAt: new Date(step.startedAt),
      aws: run.aws,
      stack: run.facts(),
      desk: run.desk,
      exists: (id) => {
        physicalId = id;
      },
    };
    let answer: Made | Wait | undefined;
    if (step.waiting) {
      if (!type.look) throw new ResourceFailure(`${effect.type} cannot wait`);
      const { state } = step.waiting;
      const waiting: Waiting = {
        ...work,
        action: step.action,
        now: run.now(),
        ...(physicalId && { physicalId }),
        ...(state !== undefined && { state }),
      };
      answer = await type.look(waiting);
    } else if (step.action === "create") answer = await type.create(work);
    else {
      if (!stands) throw new ResourceFailure(`${logicalId} does not stand`);
      const change: Change = {
        ...work,
        physicalId: stands.physicalId,
        was: step.was ?? stands.properties,
        attributes: stands.attributes,
        rollback: effect.rollback === true,
        ...(stands.state !== undefined && { state: stands.state }),
      };
      if (deleting) answer = (await type.delete(change)) ?? undefined;
      else {
        if (!type.update) throw new ResourceFailure(`${effect.type} cannot be changed`);
        answer = await type.update(change);
      }
    }
    return answer && "wait" in answer ? { wait: answer } : { made: answer };
  } catch (error) {
    if (!(error instanceof ResourceFailure))
      run.context.log.warn("a step of a stack failed", {
        stack: run.stack.name,
        resource: logicalId,
        error: String((error as Error)?.stack ?? error),
      });
    return { failed: failureReason(error), ...(physicalId && { physicalId }) };
  }
};

/** As CloudFormation words the failures of AWS calls. */
const failureReason = (error: unknown): string => {
  if (error instanceof ResourceFailure) return error.message;
  const { message, name, $metadata } = error as Error & { $metadata?: { httpStatusCode?: number; requestId?: string } };
  if (!$metadata) return message || String(error);
  return `${message || name} (Status Code: ${$metadata.httpStatusCode ?? 0}, Error Code: ${name}${$metadata.requestId ? `, Request ID: ${$metadata.requestId}` : ""})`;
};
