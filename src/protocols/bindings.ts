/** Reads the input of a REST operation out of path, query, headers and body. */
import { sdkStreamMixin } from "@smithy/core/serde";
import { bodyStream, collect, toText, type WireRequest } from "./message.ts";
import type { Operation } from "./model.ts";
import type { Routed } from "./protocol.ts";
import { type Member, membersOf, narrowed, type Schema, type Shape } from "./shapes.ts";
import { fromText } from "./text-values.ts";

/** Reads the body of a service's own format. */
export type ReadBody = (schema: Schema, bytes: Uint8Array) => unknown;

interface Bindings {
  readonly bound: readonly Member[];
  readonly payload: Member | undefined;
  /** What is left for the body when no member is the payload. */
  readonly body: Schema | undefined;
}
const known = new WeakMap<Operation, Bindings>();
function bindingsOf(operation: Operation): Bindings {
  const hit = known.get(operation);
  if (hit) return hit;
  const members = membersOf(operation.input);
  const isBound = ({ traits: t }: Member) =>
    t.httpLabel || t.httpHeader || t.httpQuery || t.httpQueryParams || typeof t.httpPrefixHeaders === "string";
  const payload = members.find(({ traits }) => traits.httpPayload);
  const rest = members.filter((member) => !isBound(member) && member !== payload);
  const made = { bound: members.filter(isBound), payload, body: rest.length > 0 && !payload ? narrowed(operation.input, rest) : undefined };
  known.set(operation, made);
  return made;
}

export async function readBindings(request: WireRequest, { operation, labels, query }: Routed, readBody: ReadBody): Promise<unknown> {
  const { bound, payload, body } = bindingsOf(operation);
  const input: Record<string, unknown> = {};
  if (body) {
    const bytes = await collect(request);
    const read = bytes.length === 0 ? {} : readBody(body, bytes);
    if (read === null || typeof read !== "object" || Array.isArray(read)) throw new Error("The body must be a structure.");
    Object.assign(input, read);
  }
  for (const member of bound) {
    const value = readMember(member, request, labels, query);
    if (value !== undefined) input[member.name] = value;
  }
  if (payload) {
    const value = await readPayload(payload.shape, request, readBody);
    if (value !== undefined) input[payload.name] = value;
  }
  return input;
}

function readMember({ name, shape, traits }: Member, request: WireRequest, labels: Routed["labels"], query: Routed["query"]): unknown {
  if (traits.httpLabel) return labels[name] === undefined ? undefined : fromText(shape, labels[name], "label");
  if (traits.httpHeader) {
    const header = request.headers[traits.httpHeader.toLowerCase()];
    return header === undefined ? undefined : fromText(shape, header, "header");
  }
  if (traits.httpQuery) {
    const values = query.filter(([key]) => key === traits.httpQuery).map(([, value]) => value);
    if (values.length === 0) return undefined;
    if (shape.isListSchema()) return values.map((value) => fromText(shape.getValueSchema() as Shape, value, "query"));
    return fromText(shape, values[0] as string, "query");
  }
  if (traits.httpQueryParams) {
    const lists = (shape.getValueSchema() as Shape).isListSchema();
    const all: Record<string, string | string[]> = {};
    for (const [key, value] of query) all[key] = lists ? [...((all[key] as string[] | undefined) ?? []), value] : value;
    return all;
  }
  const prefix = (traits.httpPrefixHeaders as string).toLowerCase();
  const found = Object.entries(request.headers).filter(([key]) => key.startsWith(prefix));
  return found.length === 0 ? undefined : Object.fromEntries(found.map(([key, value]) => [key.slice(prefix.length), value]));
}

async function readPayload(shape: Shape, request: WireRequest, readBody: ReadBody): Promise<unknown> {
  if (shape.isStreaming() && !shape.isStructSchema()) return sdkStreamMixin(bodyStream(request.body));
  const bytes = await collect(request);
  if (shape.isBlobSchema()) return bytes;
  if (bytes.length === 0) return undefined;
  return shape.isStringSchema() ? toText(bytes) : readBody(shape, bytes);
}
