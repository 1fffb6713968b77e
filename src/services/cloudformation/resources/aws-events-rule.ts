import {
  DeleteRuleCommand,
  DescribeRuleCommand,
  EventBridgeClient,
  ListTargetsByRuleCommand,
  PutRuleCommand,
  PutTargetsCommand,
  RemoveTargetsCommand,
  TagResourceCommand,
  UntagResourceCommand,
} from "@aws-sdk/client-eventbridge";
import { ResourceFailure, type ResourceType, unlessGone, type Work } from "./resource.ts";
import { changeTags, documentText, everyPage } from "./tools.ts";

const targetsPerCall = 10;
const idOf = (name: string, bus: string | undefined) => (bus === undefined || bus === "default" ? name : `${bus}|${name}`);

const put = async (work: Pick<Work, "aws" | "properties">, name: string) => {
  const { EventBusName, EventPattern, ScheduleExpression, State, Description, RoleArn, Targets = [], Tags } = work.properties;
  const events = work.aws.client(EventBridgeClient);
  const rule = await events.send(
    new PutRuleCommand({
      Name: name,
      EventBusName,
      EventPattern: EventPattern === undefined ? undefined : documentText(EventPattern),
      ScheduleExpression,
      State,
      Description,
      RoleArn,
      Tags,
    }),
  );
  for (let from = 0; from < Targets.length; from += targetsPerCall) {
    const { FailedEntries = [] } = await events.send(
      new PutTargetsCommand({ Rule: name, EventBusName, Targets: Targets.slice(from, from + targetsPerCall) }),
    );
    if (FailedEntries.length > 0) throw new ResourceFailure(`Target ${FailedEntries[0]?.TargetId}: ${FailedEntries[0]?.ErrorMessage}`);
  }
  return { physicalId: idOf(name, EventBusName), attributes: { Arn: rule.RuleArn, RuleName: name } };
};
const removeTargets = async (
  work: Pick<Work, "aws">,
  Rule: string,
  EventBusName: string | undefined,
  kept: readonly string[],
): Promise<void> => {
  const events = work.aws.client(EventBridgeClient);
  const targets = await everyPage(async (NextToken) => {
    const page = await events.send(new ListTargetsByRuleCommand({ Rule, EventBusName, NextToken }));
    return { items: page.Targets, next: page.NextToken };
  });
  const Ids = targets.map((target) => target.Id ?? "").filter((id) => !kept.includes(id));
  if (Ids.length > 0) await events.send(new RemoveTargetsCommand({ Rule, EventBusName, Ids }));
};
const nameOf = (physicalId: string) => physicalId.slice(physicalId.lastIndexOf("|") + 1);

export default {
  properties: ["Name", "EventBusName", "EventPattern", "ScheduleExpression", "State", "Description", "RoleArn", "Targets", "Tags"],
  name: { property: "Name", most: 64, shared: true },

  async taken({ aws, name, properties }) {
    const look = () => aws.client(EventBridgeClient).send(new DescribeRuleCommand({ Name: name, EventBusName: properties.EventBusName }));
    return (await unlessGone(["ResourceNotFoundException"], look)) !== undefined;
  },
  async create(work) {
    work.exists(idOf(work.name, work.properties.EventBusName));
    return put(work, work.name);
  },
  async update(change) {
    const { properties, was } = change;
    const { Tags: _, ...rest } = properties;
    const result = await put({ ...change, properties: rest }, nameOf(change.physicalId));
    await removeTargets(
      change,
      nameOf(change.physicalId),
      properties.EventBusName,
      (properties.Targets ?? []).map((target: { Id: string }) => target.Id),
    );
    const ResourceARN = result.attributes.Arn;
    const events = change.aws.client(EventBridgeClient);
    await changeTags(
      was.Tags,
      properties.Tags,
      (Tags) => events.send(new TagResourceCommand({ ResourceARN, Tags })),
      (TagKeys) => events.send(new UntagResourceCommand({ ResourceARN, TagKeys })),
    );
    return result;
  },
  async delete(removal) {
    const { EventBusName } = removal.properties;
    const Name = nameOf(removal.physicalId);
    await unlessGone(["ResourceNotFoundException"], async () => {
      await removeTargets(removal, Name, EventBusName, []);
      await removal.aws.client(EventBridgeClient).send(new DeleteRuleCommand({ Name, EventBusName }));
    });
  },
} satisfies ResourceType;
