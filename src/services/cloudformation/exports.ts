import type * as sdk from "@aws-sdk/client-cloudformation";
import type { Handlers } from "../../protocols/operations.ts";
import type { Context } from "../service.ts";
import { invalid, stackOf } from "./find.ts";
import { exports, imports, stackKey, stacks } from "./records.ts";
import { policyText } from "./stacks.ts";

export const exportOperations = (context: Context): Handlers<typeof sdk> => ({
  async ListExports(_input, call) {
    const found = await context.store.read((tx) => tx.entries(exports, { prefix: [call.account, call.region] }));
    return { Exports: found.map(({ key, value }) => ({ Name: key.at(-1), Value: value.value, ExportingStackId: value.stackId })) };
  },

  async ListImports(input, call) {
    const name = input.ExportName ?? "";
    const users = await context.store.read(async (tx) => {
      if (!(await tx.get(exports, [call.account, call.region, name]))) throw invalid(`Export '${name}' does not exist.`);
      return tx.list(imports, { prefix: [call.account, call.region, name] });
    });
    if (users.length === 0) throw invalid(`Export '${name}' is not imported by any stack.`);
    return { Imports: users };
  },

  async GetStackPolicy(input, call) {
    const stack = await context.store.read((tx) => stackOf(tx, call, input.StackName, "plain"));
    return { StackPolicyBody: stack.policy };
  },

  async SetStackPolicy(input, call) {
    const policy = await policyText(context, call, input.StackPolicyBody, input.StackPolicyURL);
    if (!policy) throw invalid("You must specify either StackPolicyBody or StackPolicyURL");
    await context.store.write(async (tx) => {
      const stack = await stackOf(tx, call, input.StackName, "plain");
      await tx.put(stacks, stackKey(stack), { ...stack, policy });
    });
    return {};
  },
});
