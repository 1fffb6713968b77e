import * as sdk from "@aws-sdk/client-codecommit";
import { randomUUID } from "node:crypto";
import type { Handlers } from "../../protocols/operations.ts";
import type { Call, Context } from "../service.ts";
import { findRepository, raise, tipOf } from "./lookups.ts";
import { arnOf, type Repository, repositories, repositoryKey, type Trigger } from "./records.ts";
import { branchRef, isBranchName, noObject } from "./refs.ts";
import { fire } from "./trigger.ts";
import { triggerRecords } from "./trigger-events.ts";

const kinds = ["all", "updateReference", "createReference", "deleteReference"];

export const checkTriggers = (list: readonly sdk.RepositoryTrigger[] | undefined, call: Call): Trigger[] => {
  if (!list) throw raise(sdk.RepositoryTriggersListRequiredException, "A list of triggers is required.");
  if (list.length > 10) throw raise(sdk.MaximumRepositoryTriggersExceededException, "A repository has at most 10 triggers.");
  return list.map((one) => {
    const name = one.name ?? "";
    const branches = one.branches ?? [];
    const events = one.events ?? [];
    if (name === "") throw raise(sdk.RepositoryTriggerNameRequiredException, "A trigger needs a name.");
    if (!/^[\w.-]{1,100}$/.test(name) || list.filter((other) => other.name === name).length > 1)
      throw raise(sdk.InvalidRepositoryTriggerNameException, `${name} is not a valid name for a trigger, or is not unique.`);
    if (!one.destinationArn) throw raise(sdk.RepositoryTriggerDestinationArnRequiredException, `The trigger ${name} needs a destination.`);
    const destination = /^arn:[\w-]+:(?:sns|lambda):([\w-]+):\d{12}:.+$/.exec(one.destinationArn);
    if (!destination)
      throw raise(
        sdk.InvalidRepositoryTriggerDestinationArnException,
        `${one.destinationArn} is the ARN neither of an SNS topic nor of a Lambda function.`,
      );
    if (destination[1] !== call.region)
      throw raise(sdk.InvalidRepositoryTriggerRegionException, `The destination of the trigger ${name} is not in ${call.region}.`);
    if ((one.customData ?? "").length > 1000)
      throw raise(
        sdk.InvalidRepositoryTriggerCustomDataException,
        `The custom data of the trigger ${name} has more than 1,000 characters.`,
      );
    if (events.length === 0) throw raise(sdk.RepositoryTriggerEventsListRequiredException, `The trigger ${name} needs events.`);
    if (events.some((event) => !kinds.includes(event)) || (events.length > 1 && events.includes("all")))
      throw raise(
        sdk.InvalidRepositoryTriggerEventsException,
        `The events of the trigger ${name} are not valid: all, or some of ${kinds.slice(1).join(", ")}.`,
      );
    if (branches.length > 10) throw raise(sdk.MaximumBranchesExceededException, `The trigger ${name} has more than 10 branches.`);
    const bad = branches.find((branch) => !isBranchName(branch));
    if (bad !== undefined) throw raise(sdk.InvalidRepositoryTriggerBranchNameException, `${bad} is not a valid branch name.`);
    return { name, destinationArn: one.destinationArn, customData: one.customData, branches, events };
  });
};

export const triggerOperations = (context: Context): Handlers<typeof sdk> => {
  /** A made-up update of the branch the trigger would hear of. */
  const sample = async (repository: Repository, trigger: Trigger, callerArn: string) => {
    const branch = trigger.branches[0] ?? repository.defaultBranch ?? "main";
    const commit = (await tipOf(context, repository, branch)) ?? noObject;
    return triggerRecords({
      eventId: randomUUID(),
      region: repository.region,
      repositoryArn: arnOf(repository),
      configurationId: repository.triggers?.configurationId ?? randomUUID(),
      trigger,
      references: [{ ref: branchRef(branch), commit }],
      callerArn,
      time: context.clock.now().toISOString(),
    });
  };
  return {
    async PutRepositoryTriggers(input, call) {
      const found = await findRepository(context, call, input.repositoryName);
      const triggers = { configurationId: randomUUID(), list: checkTriggers(input.triggers as sdk.RepositoryTrigger[] | undefined, call) };
      await context.store.write(async (tx) => {
        const current = await tx.get(repositories, repositoryKey(found, found.name));
        if (current?.id !== found.id) throw raise(sdk.RepositoryDoesNotExistException, `${found.name} does not exist`);
        await tx.put(repositories, repositoryKey(found, found.name), { ...current, triggers });
      });
      return { configurationId: triggers.configurationId };
    },
    async GetRepositoryTriggers(input, call) {
      const { triggers } = await findRepository(context, call, input.repositoryName);
      const list = (triggers?.list ?? []) as sdk.RepositoryTrigger[];
      return { configurationId: triggers?.configurationId, triggers: list.map((one) => ({ ...one })) };
    },
    async TestRepositoryTriggers(input, call) {
      const repository = await findRepository(context, call, input.repositoryName);
      const successfulExecutions: string[] = [];
      const failedExecutions: sdk.RepositoryTriggerExecutionFailure[] = [];
      for (const trigger of checkTriggers(input.triggers as sdk.RepositoryTrigger[] | undefined, call)) {
        try {
          await fire(context, repository, trigger.destinationArn, await sample(repository, trigger, call.principal.arn));
          successfulExecutions.push(trigger.name);
        } catch (error) {
          failedExecutions.push({ trigger: trigger.name, failureMessage: error instanceof Error ? error.message : String(error) });
        }
      }
      return { successfulExecutions, failedExecutions };
    },
  };
};
