import {
  DeleteRuleCommand,
  DescribeRuleCommand,
  EventBridgeClient,
  ListTargetsByRuleCommand,
  PutRuleCommand,
  PutTargetsCommand,
  RemoveTargetsCommand,
} from "@aws-sdk/client-eventbridge";
import { ResourceFailure, type ResourceType, unlessGone, type Work } from "./resource.ts";

const GONE = ["ResourceNotFoundException"];
/** Of another bus than the default one, `Ref` gives bus and name. */
const idOf = ({ properties, name }: Work) => (properties.EventBusName ? `${properties.EventBusName}|${name}` : name);
const whose = (physicalId: string) => {
  const [bus, name] = physicalId.includes("|") ? (physicalId.split("|") as [string, string]) : [undefined, physicalId];
  return { Name: name, EventBusName: bus };
};

/** Putting a rule and its targets again is the same rule. */
const put = async (work: Work, before: readonly { Id: string }[]) => {
  const { Description, EventBusName, EventPattern, RoleArn, ScheduleExpression, State, Tags, Targets = [] } = work.properties;
  const client = work.aws.client(EventBridgeClient);
  const physicalId = idOf(work);
  const { Name } = whose(physicalId);
  const pattern = EventPattern === undefined || typeof EventPattern === "string" ? EventPattern : JSON.stringify(EventPattern);
  const { RuleArn } = await client.send(
    new PutRuleCommand({ Name, EventBusName, Description, EventPattern: pattern, RoleArn, ScheduleExpression, State, ...(Tags?.length > 0 && { Tags }) }),
  );
  work.exists(physicalId);
  const gone = before.map(({ Id }) => Id).filter((id) => !Targets.some(({ Id }: { Id: string }) => Id === id));
  if (gone.length > 0) await client.send(new RemoveTargetsCommand({ Rule: Name, EventBusName, Ids: gone }));
  if (Targets.length > 0) {
    const { FailedEntries = [] } = await client.send(new PutTargetsCommand({ Rule: Name, EventBusName, Targets }));
    if (FailedEntries[0]) throw new ResourceFailure(`Target ${FailedEntries[0].TargetId}: ${FailedEntries[0].ErrorMessage}`);
  }
  return { physicalId, attributes: { Arn: RuleArn, RuleName: Name } };
};

const type: ResourceType = {
  properties: ["Description", "EventBusName", "EventPattern", "Name", "RoleArn", "ScheduleExpression", "State", "Tags", "Targets"],
  name: { property: "Name", most: 64 },
  taken: async (work) =>
    (await unlessGone(GONE, () => work.aws.client(EventBridgeClient).send(new DescribeRuleCommand(whose(idOf(work)))))) !== undefined,
  create: (work) => put(work, []),
  update: (change) => put({ ...change, name: whose(change.physicalId).Name }, change.was.Targets ?? []),
  async delete({ aws, physicalId }) {
    const client = aws.client(EventBridgeClient);
    const { Name, EventBusName } = whose(physicalId);
    await unlessGone(GONE, async () => {
      const { Targets = [] } = await client.send(new ListTargetsByRuleCommand({ Rule: Name, EventBusName }));
      if (Targets.length > 0) await client.send(new RemoveTargetsCommand({ Rule: Name, EventBusName, Ids: Targets.map(({ Id }) => Id as string) }));
      await client.send(new DeleteRuleCommand({ Name, EventBusName }));
    });
  },
};
export default type;
