import type * as sdk from "@aws-sdk/client-sns";
import type { Handlers } from "../../protocols/operations.ts";
import type { Call, Context } from "../service.ts";
import { invalid, notFound } from "./errors.ts";
import { topicArn, topics } from "./records.ts";
import { defaultPolicy, mustFindTopic, ownTopic } from "./topics.ts";

interface Policy {
  Version?: string;
  Statement: { Sid?: string }[];
}

/** Statements of a topic's policy, one a label. */
export const topicPermissionOperations = ({ store }: Context): Handlers<typeof sdk> => {
  const change = (call: Call, arn: string | undefined, work: (policy: Policy, resource: string) => Policy["Statement"]) =>
    store.write(async (tx) => {
      const { place, topic: name } = ownTopic(call, arn);
      const topic = await mustFindTopic(tx, place, name);
      const found = topic.attributes.Policy === undefined ? defaultPolicy(place, name) : JSON.parse(topic.attributes.Policy);
      const policy: Policy = { ...found, Statement: [found.Statement].flat() };
      const changed = { ...policy, Statement: work(policy, topicArn(place, name)) };
      await tx.put(topics, [place.account, place.region, name], {
        ...topic,
        attributes: { ...topic.attributes, Policy: JSON.stringify(changed) },
      });
      return {};
    });
  return {
    AddPermission: (input, call) =>
      change(call, input.TopicArn, ({ Statement }, Resource) => {
        if (Statement.some(({ Sid }) => Sid === input.Label)) throw invalid("Statement already exists");
        const principals = input.AWSAccountId?.map((account) => `arn:aws:iam::${account}:root`);
        const actions = input.ActionName?.map((action) => `SNS:${action}`);
        return [...Statement, { Sid: input.Label, Effect: "Allow", Principal: { AWS: principals }, Action: actions, Resource }];
      }),
    RemovePermission: (input, call) =>
      change(call, input.TopicArn, ({ Statement }) => {
        const left = Statement.filter(({ Sid }) => Sid !== input.Label);
        if (left.length === Statement.length) throw notFound(`Statement ${input.Label} does not exist`);
        return left;
      }),
  };
};
