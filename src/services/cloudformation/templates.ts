import * as sdk from "@aws-sdk/client-cloudformation";
import type { Handlers } from "../../protocols/operations.ts";
import type { Context } from "../service.ts";
import { answering, findStack, invalid, stackOf } from "./find.ts";
import { neededCapabilities } from "./iam-needs.ts";
import { refuse } from "./refusals.ts";
import { changeSetIds, changeSets, stackKey, stacks, versions } from "./records.ts";
import { loadTypes } from "./resources/load.ts";
import { isNoEcho } from "./template/parameters.ts";
import { readTemplate } from "./template/read.ts";
import { checkReferences } from "./template/references.ts";
import { templateText } from "./template/source.ts";
import { checkTemplate, type Template, transformsOf } from "./template/template.ts";

const parametersOf = (template: Template) => Object.entries(template.Parameters ?? {});
const text = (value: unknown): string | undefined => (value === undefined ? undefined : String(value));

/** What can be said of a template before transforms and parameters. */
const look = async (body: string): Promise<{ template: Template; transforms: readonly string[] }> => {
  const { value, places } = readTemplate(body);
  const template = checkTemplate(value, places);
  const transforms = transformsOf(template);
  if (transforms.length === 0) {
    await loadTypes(Object.values(template.Resources).map(({ Type }) => Type));
    checkReferences(template, () => true, places);
  }
  return { template, transforms };
};
const needsOf = (template: Template, transforms: readonly string[]) => {
  const { capabilities, reason } = neededCapabilities(template.Resources);
  const all = [...capabilities, ...(transforms.length > 0 ? ["CAPABILITY_AUTO_EXPAND"] : [])];
  return {
    Capabilities: all as sdk.Capability[],
    CapabilitiesReason: reason ?? (transforms.length > 0 ? `The following transforms are used: [${transforms.join(", ")}]` : undefined),
    DeclaredTransforms: [...transforms],
  };
};

export const templateOperations = (context: Context): Handlers<typeof sdk> => ({
  async GetTemplate(input, call) {
    const version = await context.store.read(async (tx) => {
      if (input.ChangeSetName) {
        const arn = input.ChangeSetName.startsWith("arn:");
        const at = arn
          ? await tx.get(changeSetIds, [call.account, call.region, input.ChangeSetName.slice(input.ChangeSetName.lastIndexOf("/") + 1)])
          : undefined;
        const stack = arn
          ? at && (await tx.get(stacks, [call.account, call.region, at.stackUuid]))
          : await stackOf(tx, call, input.StackName);
        const set = stack && (await tx.get(changeSets, [...stackKey(stack), at?.name ?? input.ChangeSetName]));
        if (!stack || !set)
          throw new sdk.ChangeSetNotFoundException({ message: `ChangeSet [${input.ChangeSetName}] does not exist`, $metadata: {} });
        return tx.get(versions, [...stackKey(stack), set.version]);
      }
      const stack = await stackOf(tx, call, input.StackName);
      return stack.version ? tx.get(versions, [...stackKey(stack), stack.version]) : undefined;
    });
    const processed = input.TemplateStage === "Processed" && version !== undefined && version.transforms.length > 0;
    return {
      TemplateBody: version === undefined ? "{}" : processed ? JSON.stringify(version.template, null, 2) : version.body,
      StagesAvailable: ["Original", "Processed"],
    };
  },

  async ValidateTemplate(input, call) {
    const { template, transforms } = await answering(async () =>
      look(await templateText(context.aws.at(call), input.TemplateBody, input.TemplateURL)),
    );
    return {
      Description: template.Description,
      ...needsOf(template, transforms),
      Parameters: parametersOf(template).map(([ParameterKey, one]) => ({
        ParameterKey,
        DefaultValue: text(one.Default),
        NoEcho: isNoEcho(one),
        Description: one.Description,
      })),
    };
  },

  async GetTemplateSummary(input, call) {
    refuse(input, ["StackSetName", "TemplateSummaryConfig"]);
    let body: string | undefined;
    if (input.StackName) {
      body = await context.store.read(async (tx) => {
        const stack = await findStack(tx, call, input.StackName as string);
        if (!stack) throw invalid(`Stack with id ${input.StackName} does not exist`);
        return stack.version ? (await tx.get(versions, [...stackKey(stack), stack.version]))?.body : undefined;
      });
      if (body === undefined) throw invalid(`Stack with id ${input.StackName} has no template`);
    }
    const { template, transforms } = await answering(async () =>
      look(body ?? (await templateText(context.aws.at(call), input.TemplateBody, input.TemplateURL))),
    );
    return {
      Description: template.Description,
      ...needsOf(template, transforms),
      ResourceTypes: [...new Set(Object.values(template.Resources).map(({ Type }) => Type))],
      Version: template.AWSTemplateFormatVersion ?? "2010-09-09",
      Metadata: template.Metadata === undefined ? undefined : JSON.stringify(template.Metadata),
      Parameters: parametersOf(template).map(([ParameterKey, one]) => ({
        ParameterKey,
        DefaultValue: text(one.Default),
        ParameterType: one.Type,
        NoEcho: isNoEcho(one),
        Description: one.Description,
        ParameterConstraints: { AllowedValues: one.AllowedValues?.map(String) },
      })),
    };
  },
});
