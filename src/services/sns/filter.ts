/** Whether a subscriber wants a message. */
import { BadPattern, compilePattern } from "../../lib/pattern.ts";
import { recent } from "../../lib/recent.ts";
import type { Attribute, Message, Subscription } from "./records.ts";

export type Scope = "MessageAttributes" | "MessageBody";
const mostKeys = 5;

/** Throws `BadPattern`. */
export const filterOf = (policy: string, scope: string | undefined): ((message: Pick<Message, "text" | "attributes">) => boolean) => {
  let parsed: unknown;
  try {
    parsed = JSON.parse(policy);
  } catch {
    throw new BadPattern("failed to parse JSON.");
  }
  const matches = compilePattern(parsed);
  if (Object.keys(parsed as object).length > mostKeys) throw new BadPattern(`Filter policy can not have more than ${mostKeys} keys`);
  if (scope === "MessageBody")
    return ({ text }) => {
      const body = jsonOf(text);
      return typeof body === "object" && body !== null && matches(body);
    };
  if (Object.entries(parsed as object).some(([key, value]) => key !== "$or" && !Array.isArray(value)))
    throw new BadPattern("Filter policy scope MessageAttributes does not support nested filter policy");
  return ({ attributes }) => matches(Object.fromEntries(Object.entries(attributes).map(([name, attribute]) => [name, valueOf(attribute)])));
};

const valueOf = ({ type, value }: Attribute): unknown => {
  if (type === "Number" || type.startsWith("Number.")) return Number(value);
  if (type === "String.Array") return jsonOf(value);
  return type === "Binary" || type.startsWith("Binary.") ? undefined : value;
};
const jsonOf = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

const compiled = recent<string, ReturnType<typeof filterOf>>(1_000);

export const wants = ({ attributes }: Pick<Subscription, "attributes">, message: Pick<Message, "text" | "attributes">): boolean => {
  const { FilterPolicy: policy, FilterPolicyScope: scope } = attributes;
  if (policy === undefined || policy === "" || policy === "{}") return true;
  return compiled.get(`${scope} ${policy}`, () => filterOf(policy, scope))(message);
};
