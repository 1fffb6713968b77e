import { randomUUID } from "node:crypto";
import type * as sdk from "@aws-sdk/client-eventbridge";
import type { Handlers } from "../../protocols/operations.ts";
import type { Reading } from "../../store/store.ts";
import type { Context } from "../service.ts";
import { busNamed, mustFindBus } from "./buses.ts";
import { badPattern, invalid, limitExceeded, notFound, paged } from "./errors.ts";
import { matcherOf } from "./match.ts";
import { defaultBus, type Place, type Rule, ruleArn, rules } from "./records.ts";
import { BadSchedule, parseSchedule } from "./schedule.ts";
import { tagsOf } from "./tags.ts";
import { firstTick } from "./tick.ts";

const rulesPerBus = 300;

export const mustFindRule = async (tx: Reading, { account, region }: Place, bus: string, name: string): Promise<Rule> => {
  const rule = await tx.get(rules, [account, region, bus, name]);
  if (!rule) throw notFound(`Rule ${name} does not exist on EventBus ${bus}.`);
  return rule;
};

const shown = (place: Place, rule: Rule) => ({
  Name: rule.name,
  Arn: ruleArn(place, rule),
  EventPattern: rule.pattern,
  ScheduleExpression: rule.schedule,
  State: rule.enabled ? ("ENABLED" as const) : ("DISABLED" as const),
  Description: rule.description,
  RoleArn: rule.roleArn,
  EventBusName: rule.bus,
});

const checkSchedule = (schedule: string | undefined, bus: string) => {
  if (schedule === undefined) return;
  if (bus !== defaultBus) throw invalid("ScheduleExpression is supported only on the default event bus.");
  try {
    parseSchedule(schedule);
  } catch (error) {
    if (error instanceof BadSchedule) throw invalid(error.message);
    throw error;
  }
};

export const ruleOperations = ({ store, clock }: Context): Handlers<typeof sdk> => {
  /** Stores a rule; a schedule that begins, changes or is switched on starts a clock of its own. */
  const keep = async (tx: Parameters<Parameters<typeof store.write>[0]>[0], place: Place, before: Rule | undefined, rule: Rule) => {
    const goesOn = before?.enabled && before.schedule === rule.schedule ? before.stamp : undefined;
    const runs = rule.enabled && rule.schedule !== undefined;
    const stamp = runs ? (goesOn ?? randomUUID()) : undefined;
    const kept = { ...rule, stamp };
    await tx.put(rules, [place.account, place.region, rule.bus, rule.name], kept);
    if (stamp !== undefined && stamp !== goesOn) await firstTick(tx, place, kept, clock.now());
  };
  const switchTo = (enabled: boolean) => (input: { Name?: string; EventBusName?: string }, place: Place) =>
    store.write(async (tx) => {
      const before = await mustFindRule(tx, place, busNamed(input.EventBusName), input.Name as string);
      await keep(tx, place, before, { ...before, enabled });
      return {};
    });

  return {
    PutRule: (input, place) => {
      const bus = busNamed(input.EventBusName);
      if (input.EventPattern === undefined && input.ScheduleExpression === undefined)
        throw invalid("Parameter(s) EventPattern or ScheduleExpression must be specified.");
      if (input.EventPattern !== undefined) {
        if (input.EventPattern === "") throw badPattern("the pattern is empty");
        matcherOf(input.EventPattern);
      }
      checkSchedule(input.ScheduleExpression, bus);
      return store.write(async (tx) => {
        await mustFindBus(tx, place, bus);
        const name = input.Name as string;
        const before = await tx.get(rules, [place.account, place.region, bus, name]);
        if (!before && (await tx.list(rules, { prefix: [place.account, place.region, bus] })).length >= rulesPerBus)
          throw limitExceeded("The requested resource exceeds the maximum number allowed.");
        const rule: Rule = {
          bus,
          name,
          pattern: input.EventPattern,
          schedule: input.ScheduleExpression,
          enabled: input.State !== "DISABLED",
          description: input.Description,
          roleArn: input.RoleArn,
          tags: before ? before.tags : tagsOf(input.Tags),
          targets: before?.targets ?? [],
        };
        await keep(tx, place, before, rule);
        return { RuleArn: ruleArn(place, rule) };
      });
    },
    EnableRule: switchTo(true),
    DisableRule: switchTo(false),
    DeleteRule: (input, place) =>
      store.write(async (tx) => {
        const bus = busNamed(input.EventBusName);
        await mustFindBus(tx, place, bus);
        const rule = await tx.get(rules, [place.account, place.region, bus, input.Name as string]);
        if (rule && rule.targets.length > 0) throw invalid("Rule can't be deleted since it has targets.");
        await tx.delete(rules, [place.account, place.region, bus, input.Name as string]);
        return {};
      }),
    DescribeRule: (input, place) =>
      store.read(async (tx) => ({
        ...shown(place, await mustFindRule(tx, place, busNamed(input.EventBusName), input.Name as string)),
        CreatedBy: place.account,
      })),
    ListRules: (input, place) =>
      store.read(async (tx) => {
        const { name } = await mustFindBus(tx, place, busNamed(input.EventBusName));
        const all = await tx.list(rules, { prefix: [place.account, place.region, name] });
        const { items, ...rest } = paged(
          all.filter((rule) => rule.name.startsWith(input.NamePrefix ?? "")),
          (rule) => rule.name,
          input,
        );
        return { Rules: items.map((rule) => shown(place, rule)), ...rest };
      }),
    ListRuleNamesByTarget: (input, place) =>
      store.read(async (tx) => {
        const { name } = await mustFindBus(tx, place, busNamed(input.EventBusName));
        const all = await tx.list(rules, { prefix: [place.account, place.region, name] });
        const wanted = all.filter(({ targets }) => targets.some(({ arn }) => arn === input.TargetArn)).map((rule) => rule.name);
        const { items, ...rest } = paged(wanted, (one) => one, input);
        return { RuleNames: items, ...rest };
      }),
    TestEventPattern: (input) => {
      const matches = matcherOf(input.EventPattern as string);
      let event: Record<string, unknown>;
      try {
        event = JSON.parse(input.Event as string);
      } catch {
        throw invalid("Parameter Event is not valid. Reason: it is not JSON.");
      }
      const missing = ["id", "detail-type", "source", "account", "time", "region", "resources"].find((key) => event?.[key] === undefined);
      if (missing !== undefined) throw invalid(`Parameter Event is not valid. Reason: ${missing} is missing.`);
      return { Result: matches(event) };
    },
  };
};
