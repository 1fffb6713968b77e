import { readFileSync } from "node:fs";

export interface TypeTable {
  readonly properties: Readonly<Record<string, string>>;
  readonly definitions: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly attributes: readonly string[];
  readonly tags?: readonly [property: string, variant: string];
}
/** A property's line of the table: see scripts/cloudformation-types.ts. */
export interface PropertyLine {
  readonly required: boolean;
  readonly requires: "Never" | "Conditionally" | "Always";
  readonly type: string;
}

let tables: Record<string, TypeTable> | undefined;
/** What the resource specification says of a type we carry out. */
export const typeTable = (type: string): TypeTable | undefined => {
  tables ??= JSON.parse(readFileSync(new URL("types.json", import.meta.url), "utf8")) as Record<string, TypeTable>;
  return tables[type.startsWith("Custom::") ? "AWS::CloudFormation::CustomResource" : type];
};

let names: Set<string> | undefined;
/** Whether AWS has a type of this name. */
export const isAwsType = (type: string): boolean => {
  names ??= new Set(readFileSync(new URL("type-names.txt", import.meta.url), "utf8").split("\n"));
  return names.has(type);
};

export const propertyLine = (text: string): PropertyLine => {
  const [, required, change, type] = /^(!?)([*?]?)(.*)$/.exec(text) as unknown as [string, string, string, string];
  return { required: required !== "", requires: change === "*" ? "Always" : change === "?" ? "Conditionally" : "Never", type };
};

export const isCustom = (type: string): boolean => type === "AWS::CloudFormation::CustomResource" || type.startsWith("Custom::");
