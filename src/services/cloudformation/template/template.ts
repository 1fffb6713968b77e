import { isMap, type Path, type Places, placeText, TemplateError, type Value, type ValueMap } from "./value.ts";

export interface ResourceDeclaration {
  readonly Type: string;
  readonly Properties?: ValueMap;
  readonly Condition?: string;
  readonly DependsOn?: string | readonly string[];
  readonly Metadata?: ValueMap;
  readonly DeletionPolicy?: Value;
  readonly UpdateReplacePolicy?: Value;
  readonly CreationPolicy?: ValueMap;
  readonly UpdatePolicy?: ValueMap;
}
export interface OutputDeclaration {
  readonly Value: Value;
  readonly Description?: string;
  readonly Export?: { readonly Name: Value };
  readonly Condition?: string;
}
export interface ParameterDeclaration {
  readonly Type: string;
  readonly Default?: string | number | boolean;
  readonly Description?: string;
  readonly NoEcho?: boolean | string;
  readonly AllowedPattern?: string;
  readonly AllowedValues?: readonly (string | number | boolean)[];
  readonly ConstraintDescription?: string;
  readonly MinLength?: number | string;
  readonly MaxLength?: number | string;
  readonly MinValue?: number | string;
  readonly MaxValue?: number | string;
}
/** A template whose shape has been checked. */
export interface Template {
  readonly AWSTemplateFormatVersion?: string;
  readonly Description?: string;
  readonly Metadata?: ValueMap;
  readonly Parameters?: { readonly [name: string]: ParameterDeclaration };
  readonly Rules?: ValueMap;
  readonly Mappings?: ValueMap;
  readonly Conditions?: ValueMap;
  readonly Transform?: Value;
  readonly Globals?: ValueMap;
  readonly Resources: { readonly [logicalId: string]: ResourceDeclaration };
  readonly Outputs?: { readonly [name: string]: OutputDeclaration };
}

const sections = [
  "AWSTemplateFormatVersion",
  "Description",
  "Metadata",
  "Parameters",
  "Rules",
  "Mappings",
  "Conditions",
  "Transform",
  "Globals",
  "Resources",
  "Outputs",
  "Hooks",
];
const parameterMembers = [
  "Type",
  "Default",
  "Description",
  "NoEcho",
  "AllowedPattern",
  "AllowedValues",
  "ConstraintDescription",
  "MinLength",
  "MaxLength",
  "MinValue",
  "MaxValue",
];
const resourceMembers = [
  "Type",
  "Properties",
  "Condition",
  "DependsOn",
  "Metadata",
  "DeletionPolicy",
  "UpdateReplacePolicy",
  "CreationPolicy",
  "UpdatePolicy",
];
/** Members that only SAM knows; its transform takes them away. */
const serverlessMembers = ["Connectors", "IgnoreGlobals"];
const outputMembers = ["Value", "Description", "Export", "Condition"];
const limits: [section: string, most: number][] = [
  ["Resources", 500],
  ["Parameters", 200],
  ["Mappings", 200],
  ["Outputs", 200],
];

export const transformsOf = (template: Pick<Template, "Transform">): readonly string[] => {
  const { Transform: transform } = template;
  const list = transform === undefined ? [] : Array.isArray(transform) ? transform : [transform];
  return list.map((item) =>
    typeof item === "string" ? item : isMap(item) && typeof item.Name === "string" ? item.Name : JSON.stringify(item),
  );
};

/** Checks the shape of a template: sections, members and names; not yet what its references and properties mean. */
export const checkTemplate = (value: ValueMap, places?: Places): Template => {
  const at = (...path: Path) => ` ${placeText(places, path)}`;
  const fail = (message: string): never => {
    throw new TemplateError(message);
  };
  const unknown = Object.keys(value).filter((key) => !sections.includes(key));
  if (unknown.length > 0) fail(`Invalid template property or properties [${unknown.join(", ")}]${at(unknown[0] as string)}`);
  if (value.Hooks !== undefined) fail(`Template format error: the section Hooks is not implemented by Mayfly${at("Hooks")}`);
  const version = value.AWSTemplateFormatVersion;
  if (version !== undefined && version !== "2010-09-09")
    fail(`Template format error: unsupported value for AWSTemplateFormatVersion.${at("AWSTemplateFormatVersion")}`);
  if (value.Description !== undefined) {
    if (typeof value.Description !== "string") fail(`Template format error: Any Description member must be a string.${at("Description")}`);
    if (Buffer.byteLength(value.Description as string) > 1024) fail("Template format error: 'Description' length is greater than 1024.");
  }
  const transforms = transformsOf(value as Partial<Template>);
  if (value.Globals !== undefined && transforms.length === 0) fail(`Invalid template property or properties [Globals]${at("Globals")}`);

  for (const section of ["Metadata", "Parameters", "Rules", "Mappings", "Conditions", "Globals", "Resources", "Outputs"]) {
    const members = value[section];
    if (members === undefined) continue;
    if (!isMap(members)) fail(`Template format error: [/${section}] Every ${section} member must be an object.${at(section)}`);
  }
  for (const [section, most] of limits) {
    const count = Object.keys(value[section] ?? {}).length;
    if (count > most) fail(`Template format error: Number of ${section.toLowerCase()}, ${count}, is greater than maximum allowed, ${most}`);
  }
  const members = (section: string) => Object.entries((value[section] ?? {}) as ValueMap);
  const alphanumeric = (section: string, one: string) => {
    for (const [name] of members(section)) {
      if (!/^[A-Za-z0-9]{1,255}$/.test(name)) fail(`Template format error: ${one} name ${name} is non alphanumeric.${at(section, name)}`);
    }
  };

  alphanumeric("Parameters", "Parameter");
  for (const [name, parameter] of members("Parameters")) {
    if (!isMap(parameter) || typeof parameter.Type !== "string")
      return fail(`Template format error: Every Parameters object must contain a Type member.${at("Parameters", name)}`);
    const odd = Object.keys(parameter).filter((key) => !parameterMembers.includes(key));
    if (odd.length > 0) fail(`Invalid template parameter property '${odd[0]}'${at("Parameters", name, odd[0] as string)}`);
  }
  for (const [name, map] of members("Mappings")) {
    if (!isMap(map)) return fail(`Template format error: Every Mappings member ${name} must be a map${at("Mappings", name)}`);
    for (const [key, attributes] of Object.entries(map)) {
      if (!isMap(attributes))
        fail(`Template format error: Every Mappings attribute must be a map: ${name}.${key}${at("Mappings", name, key)}`);
    }
  }

  if (members("Resources").length === 0) fail("Template format error: At least one Resources member must be defined.");
  const loops = transforms.includes("AWS::LanguageExtensions");
  for (const [id, resource] of members("Resources")) {
    if (id.startsWith("Fn::ForEach::") && loops) continue;
    if (!/^[A-Za-z0-9]{1,255}$/.test(id)) fail(`Template format error: Resource name ${id} is non alphanumeric.${at("Resources", id)}`);
    if (!isMap(resource)) return fail(`Template format error: [/Resources/${id}] resource definition is malformed${at("Resources", id)}`);
    if (typeof resource.Type !== "string")
      return fail(`Template format error: [/Resources/${id}] Every Resources object must contain a Type member.${at("Resources", id)}`);
    const odd = Object.keys(resource).filter(
      (key) => !resourceMembers.includes(key) && !(transforms.length > 0 && serverlessMembers.includes(key)),
    );
    if (odd.length > 0) fail(`Invalid template resource property '${odd[0]}'${at("Resources", id, odd[0] as string)}`);
    for (const member of ["Properties", "Metadata", "CreationPolicy", "UpdatePolicy"]) {
      if (resource[member] !== undefined && !isMap(resource[member]))
        fail(`Template format error: [/Resources/${id}/${member}] must be an object.${at("Resources", id, member)}`);
    }
    const depends = resource.DependsOn;
    if (
      depends !== undefined &&
      typeof depends !== "string" &&
      !(Array.isArray(depends) && depends.every((item) => typeof item === "string"))
    ) {
      fail(`Template format error: DependsOn must be a string or list of strings.${at("Resources", id, "DependsOn")}`);
    }
    if (resource.Condition !== undefined && typeof resource.Condition !== "string")
      fail(`Template format error: Every Condition member must be a string.${at("Resources", id, "Condition")}`);
    for (const member of ["CreationPolicy", "UpdatePolicy"]) {
      if (resource[member] !== undefined)
        fail(`Template format error: ${member} is not implemented by Mayfly${at("Resources", id, member)}`);
    }
  }

  for (const [name, output] of members("Outputs")) {
    if (name.startsWith("Fn::ForEach::") && loops) continue;
    if (!/^[A-Za-z0-9]{1,255}$/.test(name)) fail(`Template format error: Output name ${name} is non alphanumeric.${at("Outputs", name)}`);
    if (!isMap(output) || output.Value === undefined)
      return fail(`Template format error: Every Outputs member must contain a Value object${at("Outputs", name)}`);
    const odd = Object.keys(output).filter((key) => !outputMembers.includes(key));
    if (odd.length > 0) fail(`Invalid template output property '${odd[0]}'${at("Outputs", name, odd[0] as string)}`);
    if (output.Export !== undefined && (!isMap(output.Export) || output.Export.Name === undefined))
      fail(
        `Template format error: Output ${name} is malformed! The Name field of every Export member must be specified.${at("Outputs", name, "Export")}`,
      );
  }
  return value as unknown as Template;
};
