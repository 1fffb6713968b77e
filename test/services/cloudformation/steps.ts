import * as cfn from "@aws-sdk/client-cloudformation";
import { until } from "../../harness/until.ts";

export const stackOf = async (client: cfn.CloudFormationClient, name: string): Promise<cfn.Stack> => {
  const { Stacks = [] } = await client.send(new cfn.DescribeStacksCommand({ StackName: name }));
  return Stacks[0] as cfn.Stack;
};
/** The stack, once no operation is under way. */
export const ended = (client: cfn.CloudFormationClient, name: string): Promise<cfn.Stack> =>
  until(`an end of ${name}`, async () => {
    const stack = await stackOf(client, name);
    return stack.StackStatus?.endsWith("_IN_PROGRESS") ? undefined : stack;
  });
export const resourcesOf = async (client: cfn.CloudFormationClient, name: string): Promise<Record<string, cfn.StackResource>> => {
  const { StackResources = [] } = await client.send(new cfn.DescribeStackResourcesCommand({ StackName: name }));
  return Object.fromEntries(StackResources.map((one) => [one.LogicalResourceId as string, one]));
};
/** What happened, oldest first: `Topic CREATE_FAILED reason`; that a user asked for it goes without saying. */
export const eventLines = async (client: cfn.CloudFormationClient, name: string): Promise<string[]> => {
  const events: cfn.StackEvent[] = [];
  let NextToken: string | undefined;
  do {
    const page = await client.send(new cfn.DescribeStackEventsCommand({ StackName: name, NextToken }));
    events.push(...(page.StackEvents ?? []));
    NextToken = page.NextToken;
  } while (NextToken);
  return events
    .reverse()
    .map(
      ({ LogicalResourceId, ResourceStatus, ResourceStatusReason: reason }) =>
        `${LogicalResourceId} ${ResourceStatus}${reason && reason !== "User Initiated" ? ` ${reason}` : ""}`,
    );
};
