/** The rules of a message, and its form for each kind of subscriber. */
import type { MessageAttributeValue, PublishInput } from "@aws-sdk/client-sns";
import { invalid, invalidValue } from "./errors.ts";
import type { Attribute, Message } from "./records.ts";

const sizeLimit = 256 * 1024;
type Given = Pick<PublishInput, "Message" | "Subject" | "MessageStructure" | "MessageAttributes">;

/** Throws InvalidParameter. */
export const messageOf = (given: Given, known: { id: string; topic: string; at: string }): Message => {
  const { Message: text, Subject: subject, MessageStructure: structure } = given;
  if (text === undefined || text === "") throw invalid("Empty message");
  if (Buffer.byteLength(text) > sizeLimit) throw invalid("Message too long");
  if (subject !== undefined && (subject === "" || subject.length > 100 || !/^[\x20-\x7e]+$/.test(subject) || subject.startsWith(" ")))
    throw invalid("Subject");
  if (structure !== undefined && structure !== "json") throw invalid("MessageStructure");
  const texts = structure === "json" ? textsOf(text) : undefined;
  return { ...known, subject, text: texts?.default ?? text, texts, attributes: attributesOf(given.MessageAttributes ?? {}) };
};

export const sizeOf = (given: Given): number =>
  Object.entries(given.MessageAttributes ?? {}).reduce(
    (sum, [name, { DataType, StringValue, BinaryValue }]) =>
      sum + Buffer.byteLength(name) + (DataType?.length ?? 0) + Buffer.byteLength(StringValue ?? "") + (BinaryValue?.length ?? 0),
    Buffer.byteLength(given.Message ?? ""),
  );
export { sizeLimit };

const textsOf = (json: string): Record<string, string> => {
  let parsed: unknown;
  try {
    parsed = JSON.parse(json);
  } catch {
    throw invalid("Message Structure - JSON message body failed to parse");
  }
  if (typeof parsed !== "object" || parsed === null || typeof (parsed as Record<string, unknown>).default !== "string")
    throw invalid("Message Structure - No default entry in JSON message body");
  return Object.fromEntries(Object.entries(parsed).filter((entry): entry is [string, string] => typeof entry[1] === "string"));
};

const attributesOf = (given: Record<string, MessageAttributeValue>): Record<string, Attribute> =>
  Object.fromEntries(Object.entries(given).map(([name, value]) => [name, attributeOf(name, value)]));

const attributeOf = (name: string, { DataType: type, StringValue: text, BinaryValue: bytes }: MessageAttributeValue): Attribute => {
  if (!/^[A-Za-z0-9_.-]{1,256}$/.test(name) || /^(aws|amazon)\./i.test(name) || /^\.|\.$|\.\./.test(name))
    throw invalidValue(`Invalid message attribute name: ${name}`);
  if (type === undefined || !/^(String|Number|Binary)(\..+)?$/.test(type))
    throw invalidValue(
      `The message attribute '${name}' has an invalid message attribute type, the set of supported type prefixes is Binary, Number, and String.`,
    );
  const empty = () =>
    invalidValue(`The message attribute '${name}' must contain non-empty message attribute value for message attribute type '${type}'.`);
  if (type.startsWith("Binary")) {
    if (bytes === undefined || bytes.length === 0) throw empty();
    return { type, value: Buffer.from(bytes).toString("base64") };
  }
  if (text === undefined || text === "") throw empty();
  if (type.startsWith("Number") && !(text.trim() !== "" && Number.isFinite(Number(text))))
    throw invalidValue(`Could not cast message attribute '${name}' value to number.`);
  if (type === "String.Array" && !isList(text))
    throw invalidValue(`The message attribute '${name}' of type String.Array is no JSON array.`);
  return { type, value: text };
};
const isList = (text: string): boolean => {
  try {
    return Array.isArray(JSON.parse(text));
  } catch {
    return false;
  }
};

export const textFor = (message: Message, protocol: string): string => message.texts?.[protocol] ?? message.text;
