import { randomUUID } from "node:crypto";
import * as sdk from "@aws-sdk/client-sns";
import type { Handlers } from "../../protocols/operations.ts";
import type { Writing } from "../../store/store.ts";
import type { Context } from "../service.ts";
import { later } from "./deliver.ts";
import { invalid, notImplemented } from "./errors.ts";
import { wants } from "./filter.ts";
import { messageOf, sizeLimit, sizeOf } from "./message.ts";
import { type Message, type Place, type Subscription, subscriptions } from "./records.ts";
import { mustFindTopic, ownTopic } from "./topics.ts";

const $metadata = {};
const fifo = (given: { MessageGroupId?: string; MessageDeduplicationId?: string }) => {
  if (given.MessageGroupId !== undefined || given.MessageDeduplicationId !== undefined)
    throw invalid("MessageGroupId Reason: The request includes MessageGroupId parameter that is not valid for this topic type");
};

/** Every subscriber that wants it gets a task of its own. */
const send = async (tx: Writing, place: Place, among: readonly Subscription[], message: Message) => {
  for (const one of among)
    if (one.confirmed && wants(one, message))
      await later(tx, { place, topic: message.topic, subscription: one.id, message, id: message.id, tries: 0 });
};

export const publicationOperations = ({ store, clock }: Context): Handlers<typeof sdk> => ({
  Publish: (input, call) => {
    if (input.PhoneNumber !== undefined) throw notImplemented("SMS (PhoneNumber)");
    const arn = input.TopicArn ?? input.TargetArn;
    if (arn === undefined) throw invalid("TopicArn or TargetArn Reason: no value for required parameter");
    if (arn.includes(":endpoint/")) throw notImplemented("Publishing to a mobile endpoint");
    const { place, topic } = ownTopic(call, arn);
    fifo(input);
    if (sizeOf(input) > sizeLimit) throw invalid("Message too long");
    const message = messageOf(input, { id: randomUUID(), topic, at: clock.now().toISOString() });
    return store.write(async (tx) => {
      await mustFindTopic(tx, place, topic);
      await send(tx, place, await tx.list(subscriptions, { prefix: [place.account, place.region, topic] }), message);
      return { MessageId: message.id };
    });
  },
  PublishBatch: (input, call) => {
    const { place, topic } = ownTopic(call, input.TopicArn);
    const entries = input.PublishBatchRequestEntries ?? [];
    if (entries.length === 0)
      throw new sdk.EmptyBatchRequestException({ message: "The batch request doesn't contain any entries.", $metadata });
    if (entries.length > 10)
      throw new sdk.TooManyEntriesInBatchRequestException({
        message: "The batch request contains more entries than permissible.",
        $metadata,
      });
    const ids = entries.map(({ Id }) => Id as string);
    if (new Set(ids).size < ids.length)
      throw new sdk.BatchEntryIdsNotDistinctException({ message: "Two or more batch entries in the request have the same Id.", $metadata });
    if (ids.some((id) => !/^[A-Za-z0-9_-]{1,80}$/.test(id)))
      throw new sdk.InvalidBatchEntryIdException({
        message: "The Id of a batch entry in a batch request doesn't abide by the specification.",
        $metadata,
      });
    if (entries.reduce((sum, entry) => sum + sizeOf(entry), 0) > sizeLimit)
      throw new sdk.BatchRequestTooLongException({
        message: "The length of all the messages put together is more than the limit.",
        $metadata,
      });
    const at = clock.now().toISOString();
    const judged = entries.map((entry) => {
      try {
        fifo(entry);
        return { id: entry.Id, message: messageOf(entry, { id: randomUUID(), topic, at }) };
      } catch (error) {
        if (!(error instanceof sdk.SNSServiceException)) throw error;
        return {
          id: entry.Id,
          failure: { Id: entry.Id, Code: error.name.replace(/Exception$/, ""), Message: error.message, SenderFault: true },
        };
      }
    });
    return store.write(async (tx) => {
      await mustFindTopic(tx, place, topic);
      const among = await tx.list(subscriptions, { prefix: [place.account, place.region, topic] });
      for (const { message } of judged) if (message) await send(tx, place, among, message);
      return {
        Successful: judged.flatMap(({ id, message }) => (message ? [{ Id: id, MessageId: message.id }] : [])),
        Failed: judged.flatMap(({ failure }) => (failure ? [failure] : [])),
      };
    });
  },
});
