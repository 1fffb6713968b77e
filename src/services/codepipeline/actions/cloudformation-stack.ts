/** What becomes of a stack operation. An operation of ours is known by its token, which is the run's id. */
import {
  type CloudFormationClient,
  DescribeStackEventsCommand,
  DescribeStacksCommand,
  type Stack,
  type StackEvent,
} from "@aws-sdk/client-cloudformation";

/** Undefined: there is no such stack. */
export const describeStack = async (client: CloudFormationClient, StackName: string): Promise<Stack | undefined> => {
  try {
    return (await client.send(new DescribeStacksCommand({ StackName }))).Stacks?.[0];
  } catch (error) {
    if (isAbsent(error)) return undefined;
    throw error;
  }
};

export const isAbsent = (error: unknown): boolean => {
  const { name, message } = error as Error;
  return name === "StackNotFoundException" || (name === "ValidationError" && /does not exist/.test(message));
};

/** The events of one operation, newest first. Empty: it was never begun. */
export const eventsOf = async (client: CloudFormationClient, StackName: string, token: string, since: number): Promise<StackEvent[]> => {
  const found: StackEvent[] = [];
  let NextToken: string | undefined;
  do {
    const page = await client.send(new DescribeStackEventsCommand({ StackName, NextToken }));
    const events = page.StackEvents ?? [];
    found.push(...events.filter((event) => event.ClientRequestToken === token));
    const oldest = events.at(-1)?.Timestamp?.getTime() ?? 0;
    // A second's grace, since whoever keeps the events may keep seconds only.
    NextToken = oldest < since - 1_000 ? undefined : page.NextToken;
  } while (NextToken !== undefined);
  return found;
};

export type End = { kind: "going on" } | { kind: "done"; status: string } | { kind: "failed"; message: string };

const good = new Set(["CREATE_COMPLETE", "UPDATE_COMPLETE", "DELETE_COMPLETE", "IMPORT_COMPLETE"]);

/** From the events of one operation: how it ended. Nothing else counts as an end, least of all the stack's status before it. */
export const endOf = (events: readonly StackEvent[]): End => {
  const last = events.find((event) => event.ResourceType === "AWS::CloudFormation::Stack" && event.PhysicalResourceId === event.StackId);
  const status = last?.ResourceStatus ?? "";
  if (!last || status.endsWith("_IN_PROGRESS")) return { kind: "going on" };
  if (good.has(status)) return { kind: "done", status };
  const cause = causeOf(events);
  return { kind: "failed", message: `Stack ${last.StackName} ended in ${status}.${cause ? ` ${cause}` : ""}` };
};

/** The first resource that failed is the reason; the others were only cancelled because of it. */
const causeOf = (events: readonly StackEvent[]): string | undefined => {
  const failures = events.filter((event) => event.ResourceStatus?.endsWith("_FAILED") && event.PhysicalResourceId !== event.StackId);
  const own = failures.filter((event) => !/cancelled/i.test(event.ResourceStatusReason ?? ""));
  const first = (own.length > 0 ? own : failures).at(-1);
  if (first)
    return `${first.LogicalResourceId} (${first.ResourceType}) ${first.ResourceStatus}: ${first.ResourceStatusReason ?? "no reason given"}`;
  return events.find((event) => event.ResourceStatusReason && /FAILED|ROLLBACK/.test(event.ResourceStatus ?? ""))?.ResourceStatusReason;
};

export const outputsOf = (stack: Stack | undefined): Record<string, string> =>
  Object.fromEntries((stack?.Outputs ?? []).map(({ OutputKey, OutputValue }) => [OutputKey!, OutputValue ?? ""]));
