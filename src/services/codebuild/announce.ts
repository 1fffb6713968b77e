/** The task after changes of a build: tells the bus. */
import { EventBridgeClient, PutEventsCommand } from "@aws-sdk/client-eventbridge";
import type { Task } from "../../queue/queue.ts";
import type { Later } from "../../store/store.ts";
import type { Context } from "../service.ts";
import type { BusEvent } from "./announcements.ts";
import { type Build, buildArn, type Place } from "./records.ts";

interface Announcement extends Place {
  readonly events: readonly BusEvent[];
}

/** Events of one build are told in their order. */
export const announcement = (build: Build, events: readonly BusEvent[]): Later => ({
  name: "codebuild.announce",
  payload: { account: build.account, region: build.region, events } satisfies Announcement,
  oneAtATimeFor: `codebuild.announce/${buildArn(build)}`,
});

export const announce =
  ({ aws }: Context) =>
  async (task: Task): Promise<void> => {
    const { events, ...place } = task.payload as Announcement;
    const client = aws.at(place).client(EventBridgeClient);
    for (let at = 0; at < events.length; at += 10) {
      const Entries = events.slice(at, at + 10).map((event) => ({ ...event, Time: new Date(event.Time) }));
      const answer = await client.send(new PutEventsCommand({ Entries }));
      if (answer.FailedEntryCount)
        throw new Error(
          `PutEvents refused ${answer.FailedEntryCount} events: ${answer.Entries?.find(({ ErrorMessage }) => ErrorMessage)?.ErrorMessage}`,
        );
    }
  };
