import type { ParameterDeclaration, Template } from "./template.ts";
import { TemplateError } from "./value.ts";

/** A parameter of a stack, once its value is known. */
export interface ParameterValue {
  /** As given: for a parameter of Systems Manager, its name there. */
  readonly value: string;
  /** What the name stood for, at Systems Manager. */
  readonly resolved?: string;
  readonly list: boolean;
  readonly noEcho: boolean;
}
export type ParameterValues = Readonly<Record<string, ParameterValue>>;
export interface GivenParameter {
  readonly ParameterKey?: string;
  readonly ParameterValue?: string;
  readonly UsePreviousValue?: boolean;
}

const wrapped = /^AWS::SSM::Parameter::Value<(.+)>$/;
/** The name of a Systems Manager parameter that this declaration wants to be read. */
export const wantsSystemsManager = (declaration: ParameterDeclaration): boolean => wrapped.test(declaration.Type);
const innerType = (type: string): string => wrapped.exec(type)?.[1] ?? type;
const isList = (type: string): boolean => type === "CommaDelimitedList" || type.startsWith("List<");
const known = new Set(["String", "Number", "CommaDelimitedList", "List<String>", "List<Number>", "AWS::SSM::Parameter::Name"]);
export const isNoEcho = (declaration: ParameterDeclaration): boolean => String(declaration.NoEcho) === "true";

/** Which text each parameter gets: given, kept, or the default. Names that nobody declared, and those without a value, are complained of. */
export const chooseParameters = (
  template: Template,
  given: readonly GivenParameter[],
  previous: ParameterValues,
): Record<string, string> => {
  const declared = template.Parameters ?? {};
  const odd = given.map((item) => item.ParameterKey ?? "").filter((name) => !Object.hasOwn(declared, name));
  if (odd.length > 0) throw new TemplateError(`Parameters: [${odd.join(", ")}] do not exist in the template`);
  const chosen: Record<string, string> = {};
  const missing: string[] = [];
  const byName = new Map(given.map((item) => [item.ParameterKey, item]));
  for (const [name, declaration] of Object.entries(declared)) {
    const type = innerType(declaration.Type);
    if (!known.has(declaration.Type) && !(wrapped.test(declaration.Type) && known.has(type))) {
      throw new TemplateError(
        /^(List<)?AWS::/.test(type)
          ? `Template format error: Parameter type ${declaration.Type} of ${name} is not implemented by Mayfly: it has no such resources to check the value against`
          : `Template format error: Unrecognized parameter type: ${declaration.Type}`,
      );
    }
    const item = byName.get(name);
    if (item?.UsePreviousValue) {
      const kept = previous[name];
      if (!kept)
        throw new TemplateError(
          `Invalid input for parameter key ${name}. Cannot specify usePreviousValue as true for a parameter key not in the previous template`,
        );
      if (item.ParameterValue !== undefined)
        throw new TemplateError(
          `Invalid input for parameter key ${name}. Cannot specify usePreviousValue as true and a value for the same parameter`,
        );
      chosen[name] = kept.value;
    } else if (item?.ParameterValue !== undefined) chosen[name] = item.ParameterValue;
    else if (declaration.Default !== undefined)
      chosen[name] = Array.isArray(declaration.Default) ? declaration.Default.join(",") : String(declaration.Default);
    else missing.push(name);
  }
  if (missing.length > 0) throw new TemplateError(`Parameters: [${missing.join(", ")}] must have values`);
  return chosen;
};

/** Checks the chosen texts against their declarations. `resolved` holds what was read from Systems Manager, by parameter. */
export const checkParameters = (
  template: Template,
  chosen: Readonly<Record<string, string>>,
  resolved: Readonly<Record<string, string>>,
): ParameterValues => {
  const values: Record<string, ParameterValue> = {};
  for (const [name, declaration] of Object.entries(template.Parameters ?? {})) {
    const value = chosen[name] as string;
    const type = innerType(declaration.Type);
    const complaint = violation(name, declaration, type, value);
    if (complaint) throw new TemplateError(complaint);
    values[name] = {
      value,
      ...(Object.hasOwn(resolved, name) && { resolved: resolved[name] }),
      list: isList(type),
      noEcho: isNoEcho(declaration),
    };
  }
  return values;
};

const violation = (name: string, declaration: ParameterDeclaration, type: string, value: string): string | undefined => {
  const broken = (rule: string) =>
    declaration.ConstraintDescription
      ? `Parameter '${name}' failed to satisfy constraint: ${declaration.ConstraintDescription}`
      : `Parameter '${name}' ${rule}`;
  if (value.length > 4096) return `Parameter '${name}' must contain at most 4096 characters`;
  const fromStore = wrapped.test(declaration.Type);
  const items = isList(type) && !fromStore ? value.split(",").map((item) => item.trim()) : [value];
  if (!fromStore && (type === "Number" || type === "List<Number>")) {
    for (const item of items) {
      const number = Number(item);
      if (item.trim() === "" || Number.isNaN(number))
        return type === "Number" ? `Parameter '${name}' must be a number.` : `Parameter '${name}' must be a list of numbers.`;
      if (declaration.MinValue !== undefined && number < Number(declaration.MinValue))
        return broken(`must be a number not less than ${declaration.MinValue}`);
      if (declaration.MaxValue !== undefined && number > Number(declaration.MaxValue))
        return broken(`must be a number not greater than ${declaration.MaxValue}`);
    }
  }
  if (declaration.AllowedValues && !items.every((item) => declaration.AllowedValues?.some((allowed) => String(allowed) === item)))
    return broken("must be one of AllowedValues");
  if (declaration.MinLength !== undefined && value.length < Number(declaration.MinLength))
    return broken(`must contain at least ${declaration.MinLength} characters`);
  if (declaration.MaxLength !== undefined && value.length > Number(declaration.MaxLength))
    return broken(`must contain at most ${declaration.MaxLength} characters`);
  if (declaration.AllowedPattern !== undefined) {
    let pattern: RegExp;
    try {
      pattern = new RegExp(`^(?:${declaration.AllowedPattern})$`);
    } catch {
      return `Template format error: AllowedPattern of parameter ${name} is no regular expression that Mayfly can run: ${declaration.AllowedPattern}`;
    }
    if (!items.every((item) => pattern.test(item))) return broken(`must match pattern ${declaration.AllowedPattern}`);
  }
  return undefined;
};

/** What `Ref` gives for a parameter. */
export const parameterResult = (parameter: ParameterValue): string | readonly string[] => {
  const text = parameter.resolved ?? parameter.value;
  return parameter.list ? text.split(",").map((item) => item.trim()) : text;
};
