import type * as sdk from "@aws-sdk/client-eventbridge";
import type { Handlers } from "../../protocols/operations.ts";
import type { Context } from "../service.ts";
import { busNamed } from "./buses.ts";
import { invalid, limitExceeded, notImplemented, paged } from "./errors.ts";
import { mustFindRule } from "./rules.ts";
import { rules, type Target } from "./records.ts";
import { BadInput, checkInput } from "./target-input.ts";
import { targetFor } from "./targets/index.ts";

const targetsPerRule = 5;

const kept = (given: sdk.Target): Target => ({
  id: given.Id as string,
  arn: given.Arn as string,
  roleArn: given.RoleArn,
  input: given.Input,
  inputPath: given.InputPath,
  transformer: given.InputTransformer && {
    paths: given.InputTransformer.InputPathsMap ?? {},
    template: given.InputTransformer.InputTemplate as string,
  },
  retry: given.RetryPolicy && { attempts: given.RetryPolicy.MaximumRetryAttempts, seconds: given.RetryPolicy.MaximumEventAgeInSeconds },
});
const shown = (target: Target): sdk.Target => ({
  Id: target.id,
  Arn: target.arn,
  RoleArn: target.roleArn,
  Input: target.input,
  InputPath: target.inputPath,
  InputTransformer: target.transformer && { InputPathsMap: { ...target.transformer.paths }, InputTemplate: target.transformer.template },
  RetryPolicy: target.retry && { MaximumRetryAttempts: target.retry.attempts, MaximumEventAgeInSeconds: target.retry.seconds },
});

const understood = new Set(["Id", "Arn", "RoleArn", "Input", "InputPath", "InputTransformer", "RetryPolicy"]);

/** Throws what is wrong with it. */
const check = (given: sdk.Target) => {
  const foreign = Object.entries(given).find(([member, value]) => value !== undefined && !understood.has(member));
  if (foreign) throw notImplemented(`${foreign[0]} of target ${given.Id} is not implemented by Mayfly.`);
  const target = kept(given);
  targetFor(target.arn).check(target);
  try {
    checkInput(target);
  } catch (error) {
    if (error instanceof BadInput) throw invalid(`${error.message} for target ${target.id}.`);
    throw error;
  }
};

export const targetOperations = ({ store }: Context): Handlers<typeof sdk> => ({
  PutTargets: (input, place) => {
    const given = input.Targets ?? [];
    for (const target of given) check(target);
    const bus = busNamed(input.EventBusName);
    return store.write(async (tx) => {
      const rule = await mustFindRule(tx, place, bus, input.Rule as string);
      const targets = new Map(rule.targets.map((target) => [target.id, target]));
      for (const target of given) targets.set(target.Id as string, kept(target));
      if (targets.size > targetsPerRule) throw limitExceeded("The requested resource exceeds the maximum number allowed.");
      await tx.put(rules, [place.account, place.region, bus, rule.name], { ...rule, targets: [...targets.values()] });
      return { FailedEntryCount: 0, FailedEntries: [] };
    });
  },
  RemoveTargets: (input, place) =>
    store.write(async (tx) => {
      const bus = busNamed(input.EventBusName);
      const rule = await mustFindRule(tx, place, bus, input.Rule as string);
      const targets = rule.targets.filter(({ id }) => !input.Ids?.includes(id));
      await tx.put(rules, [place.account, place.region, bus, rule.name], { ...rule, targets });
      return { FailedEntryCount: 0, FailedEntries: [] };
    }),
  ListTargetsByRule: (input, place) =>
    store.read(async (tx) => {
      const rule = await mustFindRule(tx, place, busNamed(input.EventBusName), input.Rule as string);
      const { items, ...rest } = paged(rule.targets, ({ id }) => id, input);
      return { Targets: items.map(shown), ...rest };
    }),
});
