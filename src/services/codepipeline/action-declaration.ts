/** The rules of one action of a pipeline. */
import { type ActionDeclaration, InvalidActionDeclarationException } from "@aws-sdk/client-codepipeline";
import { providerOf } from "./actions/index.ts";
import type { Provider } from "./actions/action.ts";
import { problem } from "./errors.ts";
import type { Action } from "./records.ts";

const invalid = (message: string) => problem(InvalidActionDeclarationException, message);

export const actionOf = (input: ActionDeclaration, region: string): Action => {
  const { category, owner, provider, version } = input.actionTypeId!;
  const type = { category: category!, owner: owner!, provider: provider!, version: version! };
  const known = providerOf(type);
  if (!known) {
    const name = `ActionType (Category: '${category}', Provider: '${provider}', Owner: '${owner}', Version: '${version}')`;
    throw invalid(
      `${name} in action '${input.name}' is not available in region ${region.toUpperCase().replaceAll("-", "_")}: not implemented`,
    );
  }
  const action: Action = {
    name: input.name!,
    type,
    runOrder: input.runOrder ?? 1,
    configuration: input.configuration ?? {},
    inputs: (input.inputArtifacts ?? []).map(({ name }) => name!),
    outputs: (input.outputArtifacts ?? []).map(({ name }) => name!),
    roleArn: input.roleArn,
    region: input.region,
    namespace: input.namespace,
    timeoutInMinutes: input.timeoutInMinutes,
  };
  checkUnbuilt(input, region);
  checkCounts(action, known);
  checkConfiguration(action, known);
  if (action.timeoutInMinutes !== undefined && known.category !== "Approval")
    throw invalid(`Action ${action.name} declares timeoutInMinutes, which only manual approval actions can have`);
  if (action.namespace === "codepipeline" || action.namespace === "variables")
    throw invalid(`Action ${action.name} declares the namespace ${action.namespace}, which is reserved`);
  const complaint = known.complaint?.(action);
  if (complaint) throw invalid(`Action ${action.name}: ${complaint}`);
  return action;
};

/** What AWS has and we have not is refused, never taken and forgotten. */
const checkUnbuilt = (input: ActionDeclaration, region: string): void => {
  const unbuilt = (what: string) => invalid(`Not implemented: ${what} of action ${input.name}`);
  if (input.region !== undefined && input.region !== region) throw unbuilt(`the other region ${input.region}`);
  if (input.commands && input.commands.length > 0) throw unbuilt("commands");
  if (input.environmentVariables && input.environmentVariables.length > 0) throw unbuilt("environmentVariables");
  if (input.outputVariables && input.outputVariables.length > 0) throw unbuilt("outputVariables");
  if (input.outputArtifacts?.some(({ files }) => files && files.length > 0)) throw unbuilt("files in outputArtifacts");
};

const checkCounts = (action: Action, { inputs, outputs }: Provider): void => {
  for (const [word, names, { min, max }] of [
    ["input", action.inputs, inputs],
    ["output", action.outputs, outputs],
  ] as const) {
    if (names.length < min)
      throw invalid(`Action ${action.name} declares ${names.length} ${word} artifacts which is less than the minimum count (${min})`);
    if (names.length > max)
      throw invalid(`Action ${action.name} declares ${names.length} ${word} artifacts which is more than the maximum count (${max})`);
    if (new Set(names).size < names.length) throw invalid(`Action ${action.name} declares the same ${word} artifact more than once`);
  }
};

const checkConfiguration = (action: Action, { properties }: Provider): void => {
  for (const key of Object.keys(action.configuration)) {
    const property = properties.find(({ name }) => name === key);
    if (!property) throw invalid(`Action configuration for action '${action.name}' contains unknown configuration '${key}'`);
    if (property.refused) throw invalid(`Not implemented: configuration '${key}' of action '${action.name}'`);
    const value = action.configuration[key]!;
    if (property.values && !value.includes("#{") && !property.values.includes(value))
      throw invalid(
        `Action configuration for action '${action.name}' has the value '${value}' for '${key}'; it can be ${property.values.join(", ")}`,
      );
  }
  for (const { name, required } of properties)
    if (required && !Object.hasOwn(action.configuration, name))
      throw invalid(`Action configuration for action '${action.name}' is missing required configuration '${name}'`);
};
