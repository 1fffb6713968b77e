import { type Scope, truth } from "./functions.ts";
import type { Template } from "./template.ts";
import { isMap, TemplateError, type Value } from "./value.ts";

/** The section Rules: what must hold of the parameters before anything is made. */
export const checkRules = (template: Template, scope: Scope): void => {
  for (const [name, rule] of Object.entries(template.Rules ?? {})) {
    if (!isMap(rule) || !Array.isArray(rule.Assertions))
      throw new TemplateError(`Template format error: Every Rules member must contain Assertions: ${name}`);
    if (rule.RuleCondition !== undefined && !truth(rule.RuleCondition as Value, scope)) continue;
    for (const assertion of rule.Assertions) {
      if (!isMap(assertion) || assertion.Assert === undefined)
        throw new TemplateError(`Template format error: Every assertion of the rule ${name} must contain Assert`);
      if (!truth(assertion.Assert as Value, scope)) {
        throw new TemplateError(
          `Template error: the rule ${name} does not hold: ${typeof assertion.AssertDescription === "string" ? assertion.AssertDescription : JSON.stringify(assertion.Assert)}`,
        );
      }
    }
  }
};
