import { Readable } from "node:stream";
import { fromBase64, fromUtf8, toBase64, toUtf8 } from "@smithy/core/serde";
import { asStream, type WireResponse } from "./message.ts";
import type { Model, Operation } from "./model.ts";
import { membersOf, type Schema } from "./shapes.ts";

interface RequestWriter {
  setSerdeContext(context: object): void;
  serializeRequest(
    operation: Schema,
    input: object,
    context: object,
  ): Promise<{ headers: Record<string, string>; body?: WireResponse["body"] }>;
}

/**
 * Writes REST responses. The SDK's request writer, fed with an operation's output as if it were an input and with no
 * endpoint, produces exactly the response's headers and body.
 */
export function responses(protocol: unknown, model: Model): (operation: Operation, output: unknown) => Promise<WireResponse> {
  const writer = protocol as RequestWriter;
  writer.setSerdeContext({ utf8Encoder: toUtf8, utf8Decoder: fromUtf8, base64Encoder: toBase64, base64Decoder: fromBase64 });
  return async (operation, output) => {
    // biome-ignore lint/suspicious/noExplicitAny: the output's shape is the operation's
    const value = (output ?? {}) as any;
    const synthetic = {
      namespace: model.namespace,
      name: operation.name,
      traits: {},
      input: operation.outputSchema,
      output: operation.outputSchema,
    };
    const { headers, body } = await writer.serializeRequest(synthetic, value, { endpoint: async () => undefined });
    const statusMember = membersOf(operation.output).find(({ traits }) => traits.httpResponseCode);
    const status = (statusMember && value[statusMember.name]) ?? value.$metadata?.httpStatusCode ?? operation.http?.status ?? 200;
    if ((body === undefined || body === null) && value.ContentType === undefined) delete headers["content-type"];
    if (body instanceof Readable && value.ContentType === undefined) headers["content-type"] = "binary/octet-stream";
    if (body instanceof Uint8Array && streams(operation)) {
      headers["content-length"] ??= String(body.length);
      return { status, headers, body: asStream(body) };
    }
    return { status, headers, body: body ?? "" };
  };
}

/** Clients take these as a stream, also from a neighbour in this process. */
const streams = (operation: Operation): boolean =>
  membersOf(operation.output).some(({ shape, traits }) => traits.httpPayload && shape.isBlobSchema() && shape.isStreaming());
