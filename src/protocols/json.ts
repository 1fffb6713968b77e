/** awsJson 1.0 and 1.1. */
import { JsonCodec2 } from "@smithy/core/protocols";
import { collect, toText } from "./message.ts";
import type { Model } from "./model.ts";
import { type Protocol, unknownOperation } from "./protocol.ts";
import type { Schema } from "./shapes.ts";

const epochSeconds = 7;
const codec = new JsonCodec2({ timestampFormat: { useTrait: true, default: epochSeconds }, jsonName: false });
const writer = codec.createSerializer();
const reader = codec.createDeserializer() as unknown as { readObject(schema: Schema, data: unknown): unknown };
// The writer is shared: `write` and `flush` follow each other without an await between them.
export const writeJson = (schema: Schema, value: unknown): Uint8Array => {
  writer.write(schema, value);
  return writer.flush() as Uint8Array;
};
export const readJson = (schema: Schema, bytes: Uint8Array): unknown => {
  const value: unknown = bytes.length === 0 ? {} : JSON.parse(toText(bytes));
  return value !== null && typeof value === "object" && !Array.isArray(value) ? reader.readObject(schema, withoutType(value)) : value;
};
/** `__type` makes the SDK's reader keep members that are not modelled. */
function withoutType(value: object): object {
  if ("__type" in value) delete value.__type;
  return value;
}

export const jsonProtocol = (model: Model): Protocol => ({
  malformed: "SerializationException",
  invalid: "ValidationException",
  async route(request) {
    const name = request.headers["x-amz-target"]?.split(".").at(-1) ?? "";
    const operation = model.operations.get(name);
    if (!operation) throw unknownOperation(name);
    return { operation, labels: {}, query: [] };
  },
  async decode(request, { operation }) {
    return readJson(operation.inputSchema, await collect(request));
  },
  async encode(operation, output, _requestId, request) {
    const body = operation.output.isUnitSchema() ? "" : writeJson(operation.outputSchema, output ?? {});
    return { status: 200, headers: { "content-type": contentType(request.headers["content-type"]) }, body };
  },
  async fail(failure, _requestId, request) {
    const modelled = failure.schema ? JSON.parse(toText(writeJson(failure.schema, failure.members))) : failure.members;
    const body = JSON.stringify({ __type: failure.code, ...modelled, [failure.messageMember]: failure.message });
    const headers: Record<string, string> = {
      "content-type": contentType(request.headers["content-type"]),
      "x-amzn-errortype": failure.code,
    };
    if (model.queryCompatible && request.headers["x-amzn-query-mode"] === "true")
      headers["x-amzn-query-error"] = `${failure.queryCode};${failure.sender ? "Sender" : "Receiver"}`;
    return { status: failure.status, headers, body };
  },
});

const contentType = (asked: string | undefined) =>
  asked?.startsWith("application/x-amz-json-1.0") ? "application/x-amz-json-1.0" : "application/x-amz-json-1.1";
