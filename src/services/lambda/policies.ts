import type * as sdk from "@aws-sdk/client-lambda";
import { randomUUID } from "node:crypto";
import type { Handlers } from "../../protocols/operations.ts";
import type { Reading } from "../../store/store.ts";
import { conflict, invalid, notFound } from "./errors.ts";
import { checkRevision, target, versionOf } from "./lookups.ts";
import { functionArn } from "./names.ts";
import { type Policy, policies, type Statement } from "./records.ts";
import type { Place, World } from "./world.ts";

type Granted = Parameters<NonNullable<Handlers<typeof sdk>["AddPermission"]>>[0];

/** The statement that AddPermission asks for: pure. */
export const statementOf = (input: Granted, resource: string): Statement => {
  const principal = input.Principal as string;
  if (!/^(lambda:[*]|lambda:[a-zA-Z]+|[*])$/.test(input.Action ?? ""))
    throw invalid(`Provided Action ${input.Action} is not a valid Lambda action`);
  const account = /^(\d{12})$/.exec(principal)?.[1];
  const condition: Record<string, Record<string, string>> = {};
  const add = (operator: string, key: string, value: string | undefined) => {
    if (value !== undefined) condition[operator] = { ...condition[operator], [key]: value };
  };
  add("StringEquals", "AWS:SourceAccount", input.SourceAccount);
  add("ArnLike", "AWS:SourceArn", input.SourceArn);
  add("StringEquals", "lambda:FunctionUrlAuthType", input.FunctionUrlAuthType);
  add("StringEquals", "lambda:EventSourceToken", input.EventSourceToken);
  add("StringEquals", "aws:PrincipalOrgID", input.PrincipalOrgID);
  add("Bool", "lambda:InvokedViaFunctionUrl", input.InvokedViaFunctionUrl === undefined ? undefined : String(input.InvokedViaFunctionUrl));
  return {
    Sid: input.StatementId as string,
    Effect: "Allow",
    Principal:
      principal === "*"
        ? "*"
        : account
          ? { AWS: `arn:aws:iam::${account}:root` }
          : principal.startsWith("arn:")
            ? { AWS: principal }
            : { Service: principal },
    Action: input.Action as string,
    Resource: resource,
    ...(Object.keys(condition).length > 0 && { Condition: condition }),
  };
};

/** Whether anybody at all may call the URL, without signing. */
export const letsAnybodyIn = (policy: Policy | undefined): boolean =>
  (policy?.statements ?? []).some(({ Principal, Action, Condition }) => {
    if (Principal !== "*" || !["lambda:InvokeFunctionUrl", "lambda:*", "*"].includes(Action)) return false;
    const conditions = Object.entries(Condition ?? {}).flatMap(([operator, values]) =>
      Object.entries(values).map(([key, value]) => `${operator} ${key} ${value}`),
    );
    return conditions.every((condition) => condition === "StringEquals lambda:FunctionUrlAuthType NONE");
  });

export const policyOperations = ({ context: { store } }: World): Handlers<typeof sdk> => {
  /** Throws unless the function and what the qualifier names exist. */
  const keyOf = async (tx: Reading, place: Place, name: string, qualifier: string | undefined) => {
    await versionOf(tx, place, { name, qualifier });
    return [place.account, place.region, name, qualifier ?? ""];
  };
  return {
    async AddPermission(input, call) {
      const { name, qualifier } = target(call, input.FunctionName, input.Qualifier);
      if (qualifier === "$LATEST") throw invalid("We currently do not support adding policies for $LATEST.");
      const statement = statementOf(input, functionArn(call, name, qualifier));
      await store.write(async (tx) => {
        const key = await keyOf(tx, call, name, qualifier);
        const policy = (await tx.get(policies, key)) ?? { statements: [], revisionId: "" };
        checkRevision(input.RevisionId, policy, "GetPolicy");
        if (policy.statements.some(({ Sid }) => Sid === statement.Sid))
          throw conflict(
            `The statement id (${statement.Sid}) provided already exists. Please provide a new statement id, or remove the existing statement.`,
          );
        await tx.put(policies, key, { statements: [...policy.statements, statement], revisionId: randomUUID() });
      });
      return { Statement: JSON.stringify(statement), $metadata: { httpStatusCode: 201 } };
    },

    async RemovePermission(input, call) {
      const { name, qualifier } = target(call, input.FunctionName, input.Qualifier);
      await store.write(async (tx) => {
        const key = await keyOf(tx, call, name, qualifier);
        const policy = await tx.get(policies, key);
        if (!policy) throw notFound("No policy is associated with the given resource.");
        checkRevision(input.RevisionId, policy, "GetPolicy");
        const statements = policy.statements.filter(({ Sid }) => Sid !== input.StatementId);
        if (statements.length === policy.statements.length)
          throw notFound(`Statement ${input.StatementId} is not found in resource policy.`);
        if (statements.length === 0) await tx.delete(policies, key);
        else await tx.put(policies, key, { statements, revisionId: randomUUID() });
      });
      return { $metadata: { httpStatusCode: 204 } };
    },

    async GetPolicy(input, call) {
      const { name, qualifier } = target(call, input.FunctionName, input.Qualifier);
      const policy = await store.read(async (tx) => tx.get(policies, await keyOf(tx, call, name, qualifier)));
      if (!policy) throw notFound("The resource you requested does not exist.");
      return {
        Policy: JSON.stringify({ Version: "2012-10-17", Id: "default", Statement: policy.statements }),
        RevisionId: policy.revisionId,
      };
    },
  };
};
