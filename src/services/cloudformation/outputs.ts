import type { Reading, Writing } from "../../store/store.ts";
import { exports, imports, type Stack, type StackOutput, type Version } from "./records.ts";
import { evaluate, type Result, type Scope, Unknown } from "./template/functions.ts";
import { TemplateError } from "./template/value.ts";

const text = (value: Result, key: string): string => {
  if (typeof value === "string" || typeof value === "number" || typeof value === "boolean") return String(value);
  throw new TemplateError(`Template format error: The Value field of every Outputs member must evaluate to a String. (Outputs.${key})`);
};

/** A version's outputs. Throws `TemplateError` where one is no text. */
export const outputsOf = (version: Version, scope: Scope): StackOutput[] =>
  Object.entries(version.template.Outputs ?? {}).flatMap(([key, output]) => {
    if (output.Condition !== undefined && !scope.condition(output.Condition)) return [];
    return [
      {
        key,
        value: text(evaluate(output.Value, scope), key),
        ...(output.Description !== undefined && { description: String(output.Description) }),
        ...(output.Export && { exportName: text(evaluate(output.Export.Name, scope), key) }),
      },
    ];
  });
/** The same, where some of it may not be known yet. */
export const forecastOutputs = (version: Version, scope: Scope): { key: string; value: Result; exportName?: Result }[] =>
  Object.entries(version.template.Outputs ?? {}).flatMap(([key, output]) => {
    if (output.Condition !== undefined && !scope.condition(output.Condition)) return [];
    return [{ key, value: evaluate(output.Value, scope), ...(output.Export && { exportName: evaluate(output.Export.Name, scope) }) }];
  });
export const isSameOutputs = (before: readonly StackOutput[], after: ReturnType<typeof forecastOutputs>): boolean =>
  before.length === after.length &&
  after.every(({ key, value, exportName }) => {
    const old = before.find((one) => one.key === key);
    return (
      old !== undefined &&
      !(value instanceof Unknown) &&
      String(value) === old.value &&
      (exportName === undefined ? undefined : String(exportName)) === old.exportName
    );
  });

/** Puts a stack's exports in place of its former ones; or tells why that cannot be. Nothing was written then. */
export const exchangeExports = async (
  tx: Writing,
  stack: Stack,
  before: readonly StackOutput[],
  after: readonly StackOutput[],
): Promise<string | undefined> => {
  const place = [stack.account, stack.region];
  const old = new Map(before.flatMap(({ exportName, value }) => (exportName ? [[exportName, value] as const] : [])));
  const next = new Map(after.flatMap(({ exportName, value }) => (exportName ? [[exportName, value] as const] : [])));
  for (const name of next.keys()) {
    const there = await tx.get(exports, [...place, name]);
    if (there && there.stackUuid !== stack.uuid)
      return `Export with name ${name} is already exported by stack ${there.stackId.split("/")[1]}.`;
  }
  for (const [name, value] of old) {
    if (next.get(name) === value) continue;
    const users = await tx.list(imports, { prefix: [...place, name] });
    if (users.length > 0)
      return `Export ${name} cannot be ${next.has(name) ? "updated" : "deleted"} as it is in use by ${users.join(", ")}`;
  }
  for (const name of old.keys()) if (!next.has(name)) await tx.delete(exports, [...place, name]);
  for (const [name, value] of next) await tx.put(exports, [...place, name], { value, stackUuid: stack.uuid, stackId: stack.id });
  return undefined;
};

/** Holds on to exports, or lets go of them. */
export const exchangeImports = async (tx: Writing, stack: Stack, names: readonly string[]): Promise<void> => {
  for (const name of stack.imports) if (!names.includes(name)) await tx.delete(imports, [stack.account, stack.region, name, stack.uuid]);
  for (const name of names) await tx.put(imports, [stack.account, stack.region, name, stack.uuid], stack.name);
};

/** Why the stack cannot go: another holds on to one of its exports. */
export const exportsInUse = async (tx: Reading, stack: Stack): Promise<string | undefined> => {
  for (const { exportName } of stack.outputs) {
    if (!exportName) continue;
    const users = await tx.entries(imports, { prefix: [stack.account, stack.region, exportName] });
    const others = users.filter(({ key }) => key.at(-1) !== stack.uuid).map(({ value }) => value);
    if (others.length > 0) return `Export ${exportName} cannot be deleted as it is in use by ${others.join(", ")}`;
  }
  return undefined;
};
