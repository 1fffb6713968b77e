/** The transform AWS::Serverless-2016-10-31 as a pure function: SAM's resources become those of CloudFormation, as AWS's own transform makes them. */
import type { Template } from "../template/template.ts";
import { isMap, type Value, type ValueMap } from "../template/value.ts";
import { InvalidResource, InvalidStructure, TransformError } from "./errors.ts";
import { expandFunction } from "./function.ts";
import { checkGlobals, withGlobals } from "./globals.ts";
import { expandLayerVersion } from "./layer-version.ts";
import { rewrite, rewriteDependsOn } from "./references.ts";
import type { Facts, Resource, Resources } from "./resources.ts";

export { TransformError } from "./errors.ts";

const prefix = "AWS::Serverless::";
type SamResource = Resource & { readonly Connectors?: Value; readonly IgnoreGlobals?: Value };

/** Throws `TransformError` with everything that is wrong. What is no resource of SAM's stays as it is. */
export const expandServerless = (template: Template, facts: Facts): Template => {
  checkGlobals(template.Globals);
  const declared = template.Resources as unknown as Readonly<Record<string, SamResource>>;
  const result: Resources = { ...declared };
  const conditions: Record<string, Value> = {};
  const ids: Record<string, string> = {};
  const names: Record<string, string> = {};
  const complaints: string[] = [];

  /** Joined with Globals before anything is expanded, since functions look at layers. */
  for (const [id, resource] of Object.entries(declared)) {
    if (!resource.Type.startsWith(prefix)) continue;
    const section = template.Globals?.[resource.Type.slice(prefix.length)];
    attempt(complaints, () => {
      result[id] = {
        ...resource,
        Properties: withGlobals(id, isMap(section) ? section : undefined, resource.Properties ?? {}, resource.IgnoreGlobals),
      };
    });
  }
  const add = (from: string, made: Resources, replaced: readonly string[]) => {
    for (const [id, resource] of Object.entries(made)) {
      if (Object.hasOwn(result, id) && !replaced.includes(id) && resource.Type !== "AWS::S3::Bucket")
        complaints.push(
          `Transforming resource with id [${from}] attempts to create a new resource with id [${id}] and type "${resource.Type}". A resource with that id already exists within this template. Please use a different id for that resource.`,
        );
      result[id] = resource;
    }
  };
  for (const [id, { Type, Connectors }] of inOrder(declared)) {
    const sam = result[id] as Resource;
    const properties = sam.Properties ?? {};
    attempt(complaints, () => {
      if (Connectors !== undefined) throw new InvalidResource(id, "Connectors are not implemented by Mayfly.");
      if (Type === `${prefix}Function`) {
        const expansion = expandFunction(id, sam, properties, result, facts);
        add(id, expansion.resources, [id]);
        Object.assign(conditions, expansion.conditions);
        Object.assign(names, expansion.names);
      } else if (Type === `${prefix}LayerVersion`) {
        const { id: renamed, resource } = expandLayerVersion(id, sam, properties);
        delete result[id];
        add(id, { [renamed]: resource }, []);
        ids[id] = renamed;
      } else throw new InvalidResource(id, `${Type} is not implemented by Mayfly.`);
    });
  }
  if (complaints.length > 0) throw new TransformError(complaints);

  const renaming = { ids, names };
  const { Globals: _, Transform: __, Resources: ___, ...sections } = template;
  const rest = rewrite(sections as unknown as ValueMap, renaming) as unknown as Omit<Template, "Resources">;
  const resources = Object.entries(result).map(([id, resource]) => {
    const { DependsOn, ...written } = rewrite(resource as unknown as ValueMap, renaming) as unknown as Resource;
    return [id, { ...written, ...(DependsOn !== undefined && { DependsOn: rewriteDependsOn(DependsOn, renaming) }) }];
  });
  return {
    ...rest,
    ...(Object.keys(conditions).length > 0 && { Conditions: { ...rest.Conditions, ...conditions } }),
    Resources: Object.fromEntries(resources) as Template["Resources"],
  };
};

/** Functions before layers, as their events and versions look at the rest of the template. */
const inOrder = (declared: Readonly<Record<string, SamResource>>): [string, SamResource][] => {
  const own = Object.entries(declared).filter(([, { Type }]) => Type.startsWith(prefix));
  const isFunction = ([, { Type }]: [string, SamResource]) => Type === `${prefix}Function`;
  return [...own.filter(isFunction), ...own.filter((entry) => !isFunction(entry))];
};

const attempt = (complaints: string[], work: () => void) => {
  try {
    work();
  } catch (error) {
    if (!(error instanceof InvalidResource || error instanceof InvalidStructure)) throw error;
    complaints.push(error.message);
  }
};
