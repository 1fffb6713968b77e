/** The rules of a pipeline: what AWS fills in, and AWS's complaints about what does not fit. */
import {
  InvalidActionDeclarationException,
  InvalidBlockerDeclarationException,
  InvalidStageDeclarationException,
  InvalidStructureException,
  type PipelineDeclaration,
  type StageDeclaration,
} from "@aws-sdk/client-codepipeline";
import { actionOf } from "./action-declaration.ts";
import { problem } from "./errors.ts";
import type { Declaration, Stage, Variable } from "./records.ts";
import { referencesIn } from "./variables.ts";

const structure = (message: string) => problem(InvalidStructureException, message);

/** Checks a pipeline as a client wrote it and answers it in our shape. Throws AWS's exceptions. */
export const declarationOf = (input: PipelineDeclaration, place: { region: string }, version: number): Declaration => {
  const declaration: Declaration = {
    name: input.name!,
    version,
    roleArn: input.roleArn!,
    ...storeOf(input, place.region),
    type: typeOf(input),
    mode: input.executionMode ?? "SUPERSEDED",
    variables: variablesOf(input),
    stages: input.stages!.map((stage) => stageOf(stage, place.region)),
  };
  checkStages(declaration);
  checkArtifacts(declaration);
  checkNamespaces(declaration);
  checkReferences(declaration);
  return declaration;
};

const storeOf = (input: PipelineDeclaration, region: string): { bucket: string; perRegion: boolean } => {
  const one = input.artifactStore;
  const many = input.artifactStores;
  if (one && many) throw structure("Pipeline definition must contain either artifactStore or artifactStores, but not both");
  if (!one && !many) throw structure("Pipeline definition must contain an artifactStore or artifactStores");
  const store = one ?? (Object.hasOwn(many!, region) ? many![region] : undefined);
  if (!store) throw structure(`The artifactStores of the pipeline must contain one for its own region ${region}`);
  for (const each of one ? [one] : Object.values(many!)) {
    if (each.encryptionKey) throw structure("Not implemented: an encryptionKey of the artifact store");
  }
  const others = Object.keys(many ?? {}).filter((name) => name !== region);
  if (others.length > 0) throw structure(`Not implemented: actions in other regions (artifactStores for ${others.join(", ")})`);
  return { bucket: store.location!, perRegion: !one };
};

const typeOf = (input: PipelineDeclaration): "V1" | "V2" => {
  if (input.triggers && input.triggers.length > 0)
    throw structure("Not implemented: triggers (git push and pull request filters). Remove the triggers of the pipeline");
  const second = [
    input.executionMode !== undefined && input.executionMode !== "SUPERSEDED" ? `the execution mode ${input.executionMode}` : undefined,
    input.variables && input.variables.length > 0 ? "variables" : undefined,
  ].filter((it) => it !== undefined);
  if (input.pipelineType === "V1" && second.length > 0) throw structure(`Pipelines of type V1 cannot have ${second.join(" and ")}`);
  return input.pipelineType ?? (second.length > 0 ? "V2" : "V1");
};

const variablesOf = (input: PipelineDeclaration): Variable[] => {
  const seen = new Set<string>();
  return (input.variables ?? []).map(({ name, defaultValue, description }) => {
    if (seen.has(name!)) throw structure(`Pipeline variable names must be unique, but ${name} occurs more than once`);
    seen.add(name!);
    return { name: name!, defaultValue, description };
  });
};

const stageOf = (stage: StageDeclaration, region: string): Stage => {
  const invalid = (message: string) => problem(InvalidStageDeclarationException, message);
  if (stage.blockers && stage.blockers.length > 0)
    throw problem(InvalidBlockerDeclarationException, `Stage ${stage.name} has blockers, which are reserved for future use`);
  for (const condition of ["beforeEntry", "onSuccess", "onFailure"] as const) {
    if (stage[condition]) throw invalid(`Not implemented: stage conditions (${condition} of stage ${stage.name})`);
  }
  const actions = stage.actions!;
  if (actions.length === 0) throw invalid(`Stage ${stage.name} must have at least one action`);
  if (actions.length > 50) throw invalid(`Stage ${stage.name} has ${actions.length} actions which is more than the maximum count (50)`);
  const names = new Set<string>();
  for (const { name } of actions) {
    if (names.has(name!)) throw invalid(`Action names in a stage must be unique. Stage ${stage.name} has more than one action ${name}`);
    names.add(name!);
  }
  return { name: stage.name!, actions: actions.map((action) => actionOf(action, region)) };
};

const checkStages = ({ stages }: Declaration): void => {
  if (stages.length < 2)
    throw structure(`Pipeline has only ${stages.length} stage(s). There should be a minimum of 2 stages in a pipeline`);
  if (stages.length > 50) throw structure(`Pipeline has ${stages.length} stages which is more than the maximum count (50)`);
  const names = new Set<string>();
  for (const { name } of stages) {
    if (names.has(name)) throw structure(`Stage names must be unique within a pipeline, but ${name} occurs more than once`);
    names.add(name);
  }
  if (stages[0]!.actions.some((action) => action.type.category !== "Source"))
    throw structure("Pipeline should start with a stage that only contains source actions");
  for (const stage of stages.slice(1))
    for (const action of stage.actions)
      if (action.type.category === "Source")
        throw structure(`Only the first stage may contain source actions, but stage ${stage.name} contains ${action.name}`);
};

/** Actions in the order in which they can have run: what comes at the same time knows nothing of each other. */
const waves = function* ({ stages }: Declaration) {
  for (const stage of stages) {
    for (const order of [...new Set(stage.actions.map((action) => action.runOrder))].sort((one, other) => one - other))
      yield { stage, actions: stage.actions.filter((action) => action.runOrder === order) };
  }
};

const checkArtifacts = (declaration: Declaration): void => {
  const invalid = (message: string) => problem(InvalidActionDeclarationException, message);
  const made = new Set<string>();
  for (const { actions } of waves(declaration)) {
    for (const action of actions) {
      for (const input of action.inputs)
        if (!made.has(input))
          throw invalid(
            `Input Artifact Bundle ${input} in action ${action.name} is not declared as Output Artifact Bundle in any of the preceding actions`,
          );
    }
    for (const action of actions)
      for (const output of action.outputs) {
        if (made.has(output))
          throw invalid(`Output Artifact Bundle name must be unique within the pipeline, but ${output} has been used more than once`);
        made.add(output);
      }
  }
};

const checkNamespaces = ({ stages }: Declaration): void => {
  const all = stages.flatMap((stage) =>
    stage.actions.flatMap(({ name, namespace }) => (namespace === undefined ? [] : [{ stage: stage.name, action: name, namespace }])),
  );
  const counts = new Map<string, number>();
  for (const { namespace } of all) counts.set(namespace, (counts.get(namespace) ?? 0) + 1);
  const repeated = all.filter(({ namespace }) => counts.get(namespace)! > 1);
  if (repeated.length > 0)
    throw problem(
      InvalidActionDeclarationException,
      `Namespaces must be unique across the pipeline definition. The following occur more than once in the pipeline. ${repeated
        .map(({ stage, action, namespace }) => `StageName=[${stage}], ActionName=[${action}], Namespace=[${namespace}]`)
        .join("; ")}`,
    );
};

const checkReferences = (declaration: Declaration): void => {
  const form = "Valid format for a pipeline execution variable reference is a namespace and a key separated by a period (.). ";
  const invalid = (complaint: string, stage: Stage, action: string, what: string[]) =>
    problem(
      InvalidActionDeclarationException,
      `${form}The following pipeline execution variables ${complaint}. StageName=[${stage.name}], ActionName=[${action}], ActionConfigurationValue=[${what.join(", ")}]`,
    );
  const known = new Set<string>(["codepipeline", "variables"]);
  const variables = new Set(declaration.variables.map(({ name }) => name));
  for (const { stage, actions } of waves(declaration)) {
    for (const action of actions) {
      for (const text of Object.values(action.configuration)) {
        const { references, malformed } = referencesIn(text);
        if (malformed.length > 0) throw invalid("are not well-formed", stage, action.name, malformed);
        const unknown = references.filter(({ namespace }) => !known.has(namespace));
        if (unknown.length > 0)
          throw invalid(
            "are referencing a namespace that does not exist",
            stage,
            action.name,
            unknown.map((one) => one.text),
          );
        if (stage === declaration.stages[0] && references.some(({ namespace }) => namespace === "variables"))
          throw invalid(
            "cannot be used in source actions",
            stage,
            action.name,
            references.map((one) => one.text),
          );
        const undeclared = references.filter(
          ({ namespace, key }) =>
            (namespace === "variables" && !variables.has(key)) || (namespace === "codepipeline" && key !== "PipelineExecutionId"),
        );
        if (undeclared.length > 0)
          throw invalid(
            "do not exist",
            stage,
            action.name,
            undeclared.map((one) => one.text),
          );
      }
    }
    for (const { namespace } of actions) if (namespace !== undefined) known.add(namespace);
  }
};
