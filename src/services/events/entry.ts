/** What is wrong with an entry of PutEvents, and how large it counts. */
import type { PutEventsRequestEntry } from "@aws-sdk/client-eventbridge";

export interface Complaint {
  readonly ErrorCode: string;
  readonly ErrorMessage: string;
}

export const complaintOf = (entry: PutEventsRequestEntry, fromService: boolean): Complaint | undefined => {
  for (const member of ["Source", "DetailType", "Detail"] as const)
    if (entry[member] === undefined || entry[member] === "")
      return { ErrorCode: "InvalidArgument", ErrorMessage: `Parameter ${member} is not valid. Reason: ${member} is a required argument.` };
  if (entry.Source?.startsWith("aws.") && !fromService)
    return { ErrorCode: "NotAuthorizedForSourceException", ErrorMessage: "Not authorized for the source." };
  if ((entry.DetailType?.length ?? 0) > 128)
    return { ErrorCode: "InvalidArgument", ErrorMessage: "Parameter DetailType is not valid. Reason: it is longer than 128 characters." };
  if (!isObject(entry.Detail as string)) return { ErrorCode: "MalformedDetail", ErrorMessage: "Detail is malformed." };
  return undefined;
};

const isObject = (text: string): boolean => {
  try {
    const value = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
};

/** As EventBridge counts: 14 bytes for a time, and the UTF-8 of the rest. */
export const sizeOf = (entry: PutEventsRequestEntry): number => {
  const texts = [entry.Source, entry.DetailType, entry.Detail, ...(entry.Resources ?? [])];
  return texts.reduce((sum, text) => sum + Buffer.byteLength(text ?? ""), entry.Time === undefined ? 0 : 14);
};
