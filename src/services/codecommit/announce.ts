/** The task after every change of refs: tells the bus. */
import { EventBridgeClient, PutEventsCommand } from "@aws-sdk/client-eventbridge";
import type { Task } from "../../queue/queue.ts";
import type { Context } from "../service.ts";
import { type Announcement, type BusEvent, type CommitNews, referenceEvent } from "./announcements.ts";
import type { Cache } from "./cache.ts";
import { readCommit, treesOf } from "./lookups.ts";
import type { Reader } from "./reader.ts";
import type { RefUpdate } from "./receive-request.ts";
import { repositories, repositoryKey } from "./records.ts";
import { noObject } from "./refs.ts";
import { diffTrees } from "./trees.ts";

/** An event has room for 256 KB. */
const mostPaths = 500;
const mostPathBytes = 64 * 1024;
const mostMessage = 8 * 1024;

export const announce =
  (context: Context, cache: Cache) =>
  async (task: Task): Promise<void> => {
    const announcement: Announcement = task.payload;
    const reader = await readerOf(context, cache, announcement);
    const events: (BusEvent & { TraceHeader: string })[] = [];
    for (const [index, update] of announcement.updates.entries()) {
      const event = referenceEvent(announcement, update, reader && (await newsOf(reader, update)));
      // By this the bus knows an event that is announced again.
      if (event) events.push({ ...event, TraceHeader: `${task.id}/${index}` });
    }
    const client = context.aws.at(announcement).client(EventBridgeClient);
    for (let at = 0; at < events.length; at += 10) {
      const { FailedEntryCount, Entries } = await client.send(new PutEventsCommand({ Entries: events.slice(at, at + 10) }));
      if (FailedEntryCount)
        throw new Error(`PutEvents refused ${FailedEntryCount} events: ${Entries?.find(({ ErrorMessage }) => ErrorMessage)?.ErrorMessage}`);
    }
  };

/** Undefined: the repository was deleted or renamed since; its history is told without the commits then. */
const readerOf = async (context: Context, cache: Cache, of: Announcement): Promise<Reader | undefined> => {
  const found = await context.store.read((tx) => tx.get(repositories, repositoryKey(of, of.repositoryName)));
  return found?.id === of.repositoryId ? cache.reader(found) : undefined;
};

const newsOf = async (reader: Reader, { from, to }: RefUpdate): Promise<CommitNews | undefined> => {
  if (to === noObject) return undefined;
  const commitId = (await reader.info(`${to}^{commit}`))?.id;
  if (commitId === undefined) return undefined;
  const commit = await readCommit(reader, commitId);
  // A new reference is compared with the commit before its own.
  const before = from === noObject ? commit.parents[0] : (await reader.info(`${from}^{commit}`))?.id;
  const changedPaths: string[] = [];
  let bytes = 0;
  let truncated = false;
  for await (const { path } of diffTrees(treesOf(reader), before && (await readCommit(reader, before)).tree, commit.tree)) {
    bytes += Buffer.byteLength(path);
    truncated = changedPaths.length === mostPaths || bytes > mostPathBytes;
    if (truncated) break;
    changedPaths.push(path);
  }
  const { name, email } = commit.author;
  return { commitId, author: { name, email }, message: commit.message.slice(0, mostMessage), changedPaths, truncated };
};
