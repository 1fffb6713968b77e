/** Which triggers a push sets off, and what they are sent. */
import type { RefUpdate } from "./receive-request.ts";
import type { Trigger } from "./records.ts";
import { heads, noObject } from "./refs.ts";

export interface TriggerReference {
  readonly ref: string;
  readonly commit: string;
  readonly created?: true;
  readonly deleted?: true;
}

const kindOf = ({ from, to }: RefUpdate) =>
  to === noObject ? "deleteReference" : from === noObject ? "createReference" : "updateReference";

export const referencesFor = (trigger: Trigger, updates: readonly RefUpdate[]): TriggerReference[] =>
  updates
    .filter((update) => trigger.events.includes("all") || trigger.events.includes(kindOf(update)))
    .filter(({ ref }) => trigger.branches.length === 0 || trigger.branches.some((branch) => ref === heads + branch))
    .map(({ ref, from, to }) => ({
      ref,
      commit: to === noObject ? from : to,
      ...(from === noObject && { created: true as const }),
      ...(to === noObject && { deleted: true as const }),
    }));

export interface TriggerCall {
  readonly eventId: string;
  readonly region: string;
  readonly repositoryArn: string;
  readonly configurationId: string;
  readonly trigger: Trigger;
  readonly references: readonly TriggerReference[];
  readonly callerArn: string;
  readonly time: string;
}

export const triggerRecords = (of: TriggerCall) => ({
  Records: [
    {
      awsRegion: of.region,
      codecommit: { references: of.references },
      ...(of.trigger.customData !== undefined && { customData: of.trigger.customData }),
      eventId: of.eventId,
      eventName: "ReferenceChanges",
      eventPartNumber: 1,
      eventSource: "aws:codecommit",
      eventSourceARN: of.repositoryArn,
      eventTime: of.time.replace("Z", "+0000"),
      eventTotalParts: 1,
      eventTriggerConfigId: of.configurationId,
      eventTriggerName: of.trigger.name,
      eventVersion: "1.0",
      userIdentityARN: of.callerArn,
    },
  ],
});
