/** The task `lambda.discard`: deletes packages that nothing refers to any more. */
import type { Task } from "../../queue/queue.ts";
import { functions, layerVersions, versions } from "./records.ts";
import type { World } from "./world.ts";

export const discard =
  ({ context }: World) =>
  async (task: Task): Promise<void> => {
    const { account, region, blobs } = task.payload as { account: string; region: string; blobs: string[] };
    const prefix = [account, region];
    const used = await context.store.read(async (tx) => {
      const all = [...(await tx.list(functions, { prefix })), ...(await tx.list(versions, { prefix }))];
      const codes = all.flatMap(({ code, configuration }) => [code, ...configuration.layers.map((layer) => layer.code)]);
      return new Set([...codes, ...(await tx.list(layerVersions, { prefix })).map(({ code }) => code)].map(({ blob }) => blob));
    });
    for (const blob of blobs) if (!used.has(blob)) await context.blobs.delete(blob);
  };
