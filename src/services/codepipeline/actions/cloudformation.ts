/** Deploy: a CloudFormation stack or change set, in AWS's five modes. */
import type { CloudFormationClient, DescribeChangeSetOutput, Stack } from "@aws-sdk/client-cloudformation";
import { putArtifact, zipOf } from "../artifacts.ts";
import { ConfigurationError } from "../failures.ts";
import { stackLink } from "../links.ts";
import type { Action } from "../records.ts";
import { type Act, failed, type Outcome, type Provider } from "./action.ts";
import { type StackInput, splitPath, stackInput } from "./cloudformation-input.ts";

const load = async () => ({
  ...(await import("@aws-sdk/client-cloudformation")),
  ...(await import("./cloudformation-stack.ts")),
});
const clientOf = async (act: Act): Promise<CloudFormationClient> => act.aws.client((await load()).CloudFormationClient);

const broken = ["ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "CREATE_FAILED", "DELETE_FAILED", "UPDATE_ROLLBACK_FAILED"];
const noChanges = /didn't contain changes|no updates are to be performed/i;

/** What the action waits for: an operation on a stack, by its token; or a change set. */
const waitingFor = (act: Act, stackId: string, memory: Record<string, string>): Outcome => ({
  kind: "waiting",
  on: [stackId],
  externalId: stackId,
  externalUrl: stackLink(act.context.endpoint(), act.place.region, stackId),
  memory: { stackId, ...memory },
});

const start = async (act: Act): Promise<Outcome> => {
  const { ActionMode, StackName = "" } = act.run.configuration;
  if (ActionMode === "CHANGE_SET_EXECUTE") return executeChangeSet(act);
  const { describeStack } = await load();
  const client = await clientOf(act);
  if (ActionMode === "CHANGE_SET_REPLACE") {
    const [stack, input] = await Promise.all([describeStack(client, StackName), stackInput(act)]);
    return replaceChangeSet(act, stack, input);
  }
  const stack = await describeStack(client, StackName);
  // Nothing of ours can have happened to a stack that was last touched before this run began.
  if (stack && touched(stack) >= act.run.started - 1_000) {
    if (await begunBefore(client, act, stack.StackId!, act.run.id)) return waitingFor(act, stack.StackId!, { token: act.run.id });
    if (await begunBefore(client, act, stack.StackId!, deleteToken(act))) return remove(act, stack, deleteToken(act), "create");
  }
  if (ActionMode === "DELETE_ONLY")
    return stack ? remove(act, stack, act.run.id) : succeed(act, undefined, `Stack ${StackName} does not exist.`);
  if (!stack) return create(act);
  if (ActionMode === "REPLACE_ON_FAILURE" && broken.includes(stack.StackStatus ?? ""))
    return remove(act, stack, deleteToken(act), "create");
  return update(act, stack);
};

const touched = ({ CreationTime, LastUpdatedTime, DeletionTime }: Stack): number =>
  Math.max(...[CreationTime, LastUpdatedTime, DeletionTime].map((time) => time?.getTime() ?? 0));

const deleteToken = (act: Act) => `${act.run.id}-delete`;

/** Whether an operation of that token was begun: by us, before we were killed. */
const begunBefore = async (client: CloudFormationClient, act: Act, stack: string, token: string): Promise<boolean> => {
  const { eventsOf } = await load();
  return (await eventsOf(client, stack, token, act.run.started)).length > 0;
};

const create = async (act: Act): Promise<Outcome> => {
  const { CreateStackCommand, describeStack } = await load();
  const { StackName = "" } = act.run.configuration;
  const client = await clientOf(act);
  const input = await stackInput(act);
  try {
    const { StackId } = await client.send(new CreateStackCommand({ StackName, ...input, ClientRequestToken: act.run.id }));
    return waitingFor(act, StackId!, { token: act.run.id });
  } catch (error) {
    const stack = (error as Error).name === "AlreadyExistsException" ? await describeStack(client, StackName) : undefined;
    if (stack && (await begunBefore(client, act, stack.StackId!, act.run.id)))
      return waitingFor(act, stack.StackId!, { token: act.run.id });
    throw error;
  }
};

const update = async (act: Act, stack: Stack): Promise<Outcome> => {
  const { UpdateStackCommand } = await load();
  const input = await stackInput(act);
  try {
    await (await clientOf(act)).send(new UpdateStackCommand({ StackName: stack.StackId, ...input, ClientRequestToken: act.run.id }));
    return waitingFor(act, stack.StackId!, { token: act.run.id });
  } catch (error) {
    if (noChanges.test((error as Error).message)) return succeed(act, stack, "No updates are to be performed.");
    throw error;
  }
};

const remove = async (act: Act, stack: Stack, token: string, then?: string): Promise<Outcome> => {
  const { DeleteStackCommand } = await load();
  const { RoleArn: RoleARN } = act.run.configuration;
  const client = await clientOf(act);
  if (!(await begunBefore(client, act, stack.StackId!, token)))
    await client.send(new DeleteStackCommand({ StackName: stack.StackId, RoleARN, ClientRequestToken: token }));
  return waitingFor(act, stack.StackId!, { token, ...(then ? { then } : {}) });
};

const replaceChangeSet = async (act: Act, stack: Stack | undefined, { StackPolicyBody, ...input }: StackInput): Promise<Outcome> => {
  const { CreateChangeSetCommand, DeleteChangeSetCommand } = await load();
  const { StackName = "", ChangeSetName = "" } = act.run.configuration;
  const client = await clientOf(act);
  if (StackPolicyBody !== undefined) throw new ConfigurationError("Not implemented: a StackPolicy for a change set");
  if (stack)
    await client.send(new DeleteChangeSetCommand({ StackName, ChangeSetName })).catch((error) => {
      if (error.name !== "ChangeSetNotFoundException" && error.name !== "ChangeSetNotFound") throw error;
    });
  const ChangeSetType = !stack || stack.StackStatus === "REVIEW_IN_PROGRESS" ? "CREATE" : "UPDATE";
  const ClientToken = `${act.run.id}-${ChangeSetType.toLowerCase()}`;
  const { Id } = await client.send(new CreateChangeSetCommand({ StackName, ChangeSetName, ChangeSetType, ...input, ClientToken }));
  return lookAtChangeSet(act, Id!);
};

const describeChangeSet = async (act: Act, ChangeSetName: string, StackName?: string): Promise<DescribeChangeSetOutput | undefined> => {
  const { DescribeChangeSetCommand, isAbsent } = await load();
  try {
    return await (await clientOf(act)).send(new DescribeChangeSetCommand({ ChangeSetName, StackName }));
  } catch (error) {
    if (isAbsent(error) || ["ChangeSetNotFoundException", "ChangeSetNotFound"].includes((error as Error).name)) return undefined;
    throw error;
  }
};

const executeChangeSet = async (act: Act): Promise<Outcome> => {
  const { ExecuteChangeSetCommand, describeStack } = await load();
  const { StackName = "", ChangeSetName = "" } = act.run.configuration;
  const client = await clientOf(act);
  const found = await describeChangeSet(act, ChangeSetName, StackName);
  if (found?.ExecutionStatus === "AVAILABLE") {
    await client.send(new ExecuteChangeSetCommand({ ChangeSetName: found.ChangeSetId, ClientRequestToken: act.run.id }));
    return waitingFor(act, found.StackId!, { token: act.run.id });
  }
  const stack = await describeStack(client, StackName);
  if (stack && (await begunBefore(client, act, stack.StackId!, act.run.id))) return waitingFor(act, stack.StackId!, { token: act.run.id });
  if (!found) return failed("JobFailed", `Change set ${ChangeSetName} of stack ${StackName} does not exist.`);
  if (isEmpty(found)) return succeed(act, stack, `Change set ${ChangeSetName} contains no changes.`);
  const why = found.StatusReason ? ` (${found.StatusReason})` : "";
  return failed(
    "JobFailed",
    `Change set ${ChangeSetName} cannot be executed: its status is ${found.Status}, ${found.ExecutionStatus}${why}.`,
  );
};

const isEmpty = ({ Status, StatusReason }: DescribeChangeSetOutput) => Status === "FAILED" && noChanges.test(StatusReason ?? "");

const look = async (act: Act): Promise<Outcome> => {
  const { stackId = "", changeSet, token = "", then } = act.run.memory ?? {};
  if (changeSet !== undefined) return lookAtChangeSet(act, changeSet);
  const { endOf, eventsOf, describeStack } = await load();
  const client = await clientOf(act);
  const end = endOf(await eventsOf(client, stackId, token, act.run.started));
  if (end.kind === "going on") return waitingFor(act, stackId, act.run.memory ?? {});
  if (end.kind === "failed") return { ...failed("JobFailed", end.message), externalId: act.run.externalId };
  if (then === "create") return create(act);
  const deleted = end.status === "DELETE_COMPLETE";
  return succeed(act, deleted ? undefined : await describeStack(client, stackId), `Stack operation ended with ${end.status}.`);
};

const lookAtChangeSet = async (act: Act, id: string): Promise<Outcome> => {
  const found = await describeChangeSet(act, id);
  const { ChangeSetName } = act.run.configuration;
  if (!found) return failed("JobFailed", `Change set ${ChangeSetName} does not exist any more.`);
  if (found.Status === "CREATE_COMPLETE") return succeed(act, undefined, `Change set ${ChangeSetName} was created.`, id);
  if (isEmpty(found)) return succeed(act, undefined, `Change set ${ChangeSetName} contains no changes.`, id);
  if (found.Status === "CREATE_PENDING" || found.Status === "CREATE_IN_PROGRESS")
    return { ...waitingFor(act, found.StackId!, { changeSet: id }), externalId: id } as Outcome;
  return failed("JobFailed", `Change set ${ChangeSetName} ended in ${found.Status}: ${found.StatusReason ?? "no reason given"}`);
};

/** Outputs of the stack become variables and, where a name for it is given, a file in the output artifact. */
const succeed = async (
  act: Act,
  stack: Stack | undefined,
  summary: string,
  id = act.run.externalId ?? stack?.StackId,
): Promise<Outcome> => {
  const variables = (await load()).outputsOf(stack);
  const { OutputFileName } = act.run.configuration;
  const [output] = act.run.outputs;
  const write = output !== undefined && OutputFileName !== undefined;
  if (write) await putArtifact(act, output, await zipOf(OutputFileName, JSON.stringify(variables)));
  const externalUrl =
    id === undefined ? undefined : stackLink(act.context.endpoint(), act.place.region, stack?.StackId ?? act.run.configuration.StackName!);
  return { kind: "succeeded", variables, summary, produced: write ? [output.name] : [], externalId: id, externalUrl };
};

const modes = ["CHANGE_SET_EXECUTE", "CHANGE_SET_REPLACE", "CREATE_UPDATE", "DELETE_ONLY", "REPLACE_ON_FAILURE"];
const requiredIn: Record<string, string[]> = {
  CREATE_UPDATE: ["TemplatePath", "RoleArn"],
  REPLACE_ON_FAILURE: ["TemplatePath", "RoleArn"],
  CHANGE_SET_REPLACE: ["TemplatePath", "RoleArn", "ChangeSetName"],
  CHANGE_SET_EXECUTE: ["ChangeSetName"],
  DELETE_ONLY: ["RoleArn"],
};

const complaint = ({ configuration, inputs }: Action): string | undefined => {
  const missing = (requiredIn[configuration.ActionMode!] ?? []).filter((name) => !Object.hasOwn(configuration, name));
  if (missing.length > 0) return `the ActionMode ${configuration.ActionMode} requires the configuration ${missing.join(", ")}`;
  for (const name of ["TemplatePath", "TemplateConfiguration"]) {
    const text = configuration[name];
    if (text === undefined || text.includes("#{")) continue;
    const parts = splitPath(text);
    if (!parts) return `${name} must have the form ArtifactName::FileName, but is ${text}`;
    if (!inputs.includes(parts.artifact))
      return `${name} refers to the artifact ${parts.artifact}, which is not an input artifact of the action`;
  }
  return undefined;
};

export const cloudFormation: Provider = {
  category: "Deploy",
  provider: "CloudFormation",
  inputs: { min: 0, max: 10 },
  outputs: { min: 0, max: 1 },
  properties: [
    { name: "ActionMode", required: true, values: modes, description: "What is done to the stack or change set" },
    { name: "StackName", required: true, description: "The stack" },
    { name: "ChangeSetName", required: false, description: "The change set, for the CHANGE_SET modes" },
    { name: "TemplatePath", required: false, description: "ArtifactName::TemplateFileName" },
    { name: "TemplateConfiguration", required: false, description: "ArtifactName::FileName of parameters, tags and stack policy" },
    {
      name: "ParameterOverrides",
      required: false,
      description: "A JSON object of parameters, which beat those of the TemplateConfiguration",
    },
    { name: "Capabilities", required: false, description: "Separated by commas" },
    { name: "RoleArn", required: false, description: "The role that CloudFormation acts as" },
    { name: "OutputFileName", required: false, description: "The file in the output artifact that holds the stack's outputs" },
  ],
  timeoutMinutes: 3 * 24 * 60,
  complaint,
  start,
  look,
};
