/** `Parameter Store Change`, as AWS words it; never with a value. */
import { EventBridgeClient, PutEventsCommand } from "@aws-sdk/client-eventbridge";
import type { Task } from "../../queue/queue.ts";
import type { Writing } from "../../store/store.ts";
import type { Context } from "../service.ts";
import { arnOf, type Place } from "./records.ts";

interface Change {
  /** The same change announced twice is one event. */
  readonly id: string;
  readonly operation: "Create" | "Update" | "Delete";
  readonly name: string;
  readonly type: string;
  readonly description?: string;
}

export const announce = (tx: Writing, { account, region }: Place, change: Change) =>
  tx.later({ name: "ssm.announce", payload: { place: { account, region }, change } });

export const announceTask =
  ({ aws }: Context) =>
  async (task: Task): Promise<void> => {
    const { place, change } = task.payload as { place: Place; change: Change };
    const { id, ...detail } = change;
    const entry = {
      Source: "aws.ssm",
      DetailType: "Parameter Store Change",
      Resources: [arnOf(place, change.name)],
      Detail: JSON.stringify(detail),
      TraceHeader: id,
    };
    const { Entries } = await aws
      .at(place)
      .client(EventBridgeClient)
      .send(new PutEventsCommand({ Entries: [entry] }));
    if (Entries?.[0]?.ErrorCode) throw new Error(`${Entries[0].ErrorCode}: ${Entries[0].ErrorMessage}`);
  };
