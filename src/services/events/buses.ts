import type * as sdk from "@aws-sdk/client-eventbridge";
import type { Handlers } from "../../protocols/operations.ts";
import type { Reading } from "../../store/store.ts";
import type { Context } from "../service.ts";
import { alreadyExists, invalid, notFound, paged } from "./errors.ts";
import { type Bus, buses, busArn, defaultBus, type Place, rules } from "./records.ts";
import { tagsOf } from "./tags.ts";

/** A bus is named by its name or its ARN. */
export const busNamed = (nameOrArn: string | undefined): string => {
  const name = nameOrArn ?? defaultBus;
  return name.startsWith("arn:") ? name.slice(name.indexOf("event-bus/") + "event-bus/".length) : name;
};

const beginning = new Date(0).toISOString();
export const findBus = async (tx: Reading, { account, region }: Place, name: string): Promise<Bus | undefined> =>
  (await tx.get(buses, [account, region, name])) ??
  (name === defaultBus ? { name, created: beginning, updated: beginning, tags: {} } : undefined);

export const mustFindBus = async (tx: Reading, place: Place, name: string): Promise<Bus> => {
  const bus = await findBus(tx, place, name);
  if (!bus) throw notFound(`Event bus ${name} does not exist.`);
  return bus;
};

const shown = (place: Place, bus: Bus) => ({
  Name: bus.name,
  Arn: busArn(place, bus.name),
  Description: bus.description,
  Policy: bus.policy,
  ...(bus.created !== beginning && { CreationTime: new Date(bus.created), LastModifiedTime: new Date(bus.updated) }),
});

const refuseUnbuilt = (input: object, members: readonly string[]) => {
  const found = members.find((member) => (input as Record<string, unknown>)[member] !== undefined);
  if (found !== undefined) throw invalid(`${found} is not implemented by Mayfly.`);
};
const unbuilt = ["EventSourceName", "KmsKeyIdentifier", "DeadLetterConfig", "LogConfig"];

export const busOperations = ({ store, clock }: Context): Handlers<typeof sdk> => ({
  CreateEventBus: (input, place) => {
    refuseUnbuilt(input, unbuilt);
    return store.write(async (tx) => {
      const name = input.Name as string;
      if (name === defaultBus) throw alreadyExists(`Event bus ${name} already exists.`);
      if (name.startsWith("aws.") || name.includes("/")) throw invalid(`Event bus name ${name} is reserved for partner event sources.`);
      const now = clock.now().toISOString();
      const bus: Bus = { name, description: input.Description, created: now, updated: now, tags: tagsOf(input.Tags) };
      if (!(await tx.create(buses, [place.account, place.region, name], bus))) throw alreadyExists(`Event bus ${name} already exists.`);
      return { EventBusArn: busArn(place, name), Description: bus.description };
    });
  },
  UpdateEventBus: (input, place) => {
    refuseUnbuilt(input, unbuilt);
    return store.write(async (tx) => {
      const bus = await mustFindBus(tx, place, busNamed(input.Name));
      await tx.put(buses, [place.account, place.region, bus.name], {
        ...bus,
        description: input.Description,
        updated: clock.now().toISOString(),
      });
      return { Arn: busArn(place, bus.name), Name: bus.name, Description: input.Description };
    });
  },
  DeleteEventBus: (input, place) =>
    store.write(async (tx) => {
      const name = busNamed(input.Name);
      if (name === defaultBus) throw invalid("Cannot delete event bus default.");
      const held = await tx.list(rules, { prefix: [place.account, place.region, name], limit: 1 });
      if (held.length > 0) throw invalid("Event bus can't be deleted since it has rules.");
      await tx.delete(buses, [place.account, place.region, name]);
      return {};
    }),
  DescribeEventBus: (input, place) => store.read(async (tx) => shown(place, await mustFindBus(tx, place, busNamed(input.Name)))),
  ListEventBuses: (input, place) =>
    store.read(async (tx) => {
      const made = await tx.list(buses, { prefix: [place.account, place.region] });
      const standard = (await findBus(tx, place, defaultBus)) as Bus;
      const all = [standard, ...made.filter(({ name }) => name !== defaultBus)].filter(({ name }) =>
        name.startsWith(input.NamePrefix ?? ""),
      );
      const { items, ...rest } = paged(all, ({ name }) => name, input);
      return { EventBuses: items.map((bus) => shown(place, bus)), ...rest };
    }),
  PutPermission: (input, place) =>
    store.write(async (tx) => {
      const bus = await mustFindBus(tx, place, busNamed(input.EventBusName));
      const policy = input.Policy ?? withStatement(bus.policy, input, busArn(place, bus.name));
      if (!isJson(policy)) throw invalid("Policy is not valid JSON.");
      await tx.put(buses, [place.account, place.region, bus.name], { ...bus, policy, updated: clock.now().toISOString() });
      return {};
    }),
  RemovePermission: (input, place) =>
    store.write(async (tx) => {
      const bus = await mustFindBus(tx, place, busNamed(input.EventBusName));
      const statements = statementsOf(bus.policy);
      const left = input.RemoveAllPermissions ? [] : statements.filter(({ Sid }) => Sid !== input.StatementId);
      if (!input.RemoveAllPermissions && left.length === statements.length)
        throw notFound(`Statement ${input.StatementId} does not exist.`);
      const policy = left.length === 0 ? undefined : JSON.stringify({ Version: "2012-10-17", Statement: left });
      await tx.put(buses, [place.account, place.region, bus.name], { ...bus, policy, updated: clock.now().toISOString() });
      return {};
    }),
});

type Statement = { Sid?: string };
const statementsOf = (policy: string | undefined): Statement[] => {
  const found = policy === undefined ? [] : (JSON.parse(policy) as { Statement?: Statement | Statement[] }).Statement;
  return Array.isArray(found) ? found : found === undefined ? [] : [found];
};
const withStatement = (policy: string | undefined, input: Partial<sdk.PutPermissionRequest>, resource: string): string => {
  if (input.StatementId === undefined || input.Action === undefined || input.Principal === undefined)
    throw invalid("Parameter StatementId, Action and Principal are required, or Policy.");
  const statement = {
    Sid: input.StatementId,
    Effect: "Allow",
    Principal: input.Principal === "*" ? "*" : { AWS: `arn:aws:iam::${input.Principal}:root` },
    Action: input.Action,
    Resource: resource,
    ...(input.Condition && { Condition: { [input.Condition.Type as string]: { [input.Condition.Key as string]: input.Condition.Value } } }),
  };
  const others = statementsOf(policy).filter(({ Sid }) => Sid !== input.StatementId);
  return JSON.stringify({ Version: "2012-10-17", Statement: [...others, statement] });
};
const isJson = (text: string): boolean => {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
};
