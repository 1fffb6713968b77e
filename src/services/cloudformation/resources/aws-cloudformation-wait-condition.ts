import { type Made, ResourceFailure, type ResourceType, type Wait, type Work } from "./resource.ts";

const secondsOf = ({ properties }: Pick<Work, "properties">): number => Math.min(Number(properties.Timeout ?? 0), 43_200);

const look = async (
  work: Pick<Work, "desk" | "stack" | "properties" | "name" | "startedAt"> & { readonly now: Date },
): Promise<Made | Wait> => {
  const { Handle, Timeout, Count = 1 } = work.properties as { Handle?: string; Timeout?: string; Count?: number };
  if (!Handle || Timeout === undefined)
    throw new ResourceFailure("Handle and Timeout are required: a WaitCondition with a CreationPolicy is not implemented by Mayfly");
  const answers = [...(await work.desk.signals(work, Handle))];
  const failed = answers.find(([, answer]) => answer.Status !== "SUCCESS");
  if (failed)
    throw new ResourceFailure(`WaitCondition received failed message: '${String(failed[1].Reason ?? "")}' for uniqueId: ${failed[0]}`);
  if (answers.length >= Number(Count)) {
    const data = Object.fromEntries(answers.map(([unique, answer]) => [unique, answer.Data ?? ""]));
    return { physicalId: work.name, attributes: { Data: JSON.stringify(data), Id: work.name } };
  }
  const until = new Date(work.startedAt.getTime() + secondsOf(work) * 1000);
  if (work.now >= until)
    throw new ResourceFailure(`WaitCondition timed out. Received ${answers.length} conditions when expecting ${Count}`);
  return { wait: true, physicalId: work.name, until };
};

export default {
  properties: ["Handle", "Timeout", "Count"],
  create: (work) => look({ ...work, now: work.startedAt }),
  look,
  delete: async () => {},
} satisfies ResourceType;
