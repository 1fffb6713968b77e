import { InvalidParameterException, ResourceAlreadyExistsException, ResourceNotFoundException } from "@aws-sdk/client-cloudwatch-logs";
import type { Reading } from "../../store/store.ts";
import { type Group, groupKey, groups, type Place, type Stream, streamKey, streams } from "./records.ts";

export const invalid = (message: string): Error => new InvalidParameterException({ message, $metadata: {} });
export const exists = (what: string): Error =>
  new ResourceAlreadyExistsException({ message: `The specified ${what} already exists`, $metadata: {} });
export const missing = (what: string): Error =>
  new ResourceNotFoundException({ message: `The specified ${what} does not exist.`, $metadata: {} });

export const mustFindGroup = async (tx: Reading, place: Place, name: string): Promise<Group> => {
  const found = await tx.get(groups, groupKey(place, name));
  if (!found) throw missing("log group");
  return found;
};
export const mustFindStream = async (tx: Reading, place: Place, group: string, name: string): Promise<Stream> => {
  const found = await tx.get(streams, streamKey(place, group, name));
  if (found) return found;
  await mustFindGroup(tx, place, group);
  throw missing("log stream");
};

/** A group by its name or its ARN, whichever the caller gave. */
export const groupNamed = (input: { logGroupName?: string; logGroupIdentifier?: string }): string => {
  const { logGroupName, logGroupIdentifier } = input;
  if (logGroupName !== undefined && logGroupIdentifier !== undefined)
    throw invalid("Specify either logGroupName or logGroupIdentifier, not both.");
  const given = logGroupName ?? logGroupIdentifier;
  if (given === undefined) throw invalid("Specify logGroupName or logGroupIdentifier.");
  return given.replace(/^arn:[^:]*:logs:[^:]*:\d*:log-group:/, "").replace(/:\*$/, "");
};
