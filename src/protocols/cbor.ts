/** Smithy RPC v2 CBOR. */
import { CborCodec } from "@smithy/core/cbor";
import { collect } from "./message.ts";
import type { Model } from "./model.ts";
import { type Protocol, unknownOperation } from "./protocol.ts";
import { documentSchema, type Schema } from "./shapes.ts";

const codec = new CborCodec();
const writer = codec.createSerializer();
const reader = codec.createDeserializer() as unknown as { read(schema: Schema, bytes: Uint8Array): unknown };
const headers = { "content-type": "application/cbor", "smithy-protocol": "rpc-v2-cbor" };
const emptyMap = new Uint8Array([0xa0]);
const write = (schema: Schema, value: unknown): Uint8Array => {
  writer.write(schema, value);
  return writer.flush() as Uint8Array;
};

export const cborProtocol = (model: Model): Protocol => ({
  malformed: "SerializationException",
  invalid: "ValidationException",
  async route(request) {
    const name = request.path.split("/").at(-1) ?? "";
    const operation = model.operations.get(name);
    if (!operation) throw unknownOperation(name);
    return { operation, labels: {}, query: [] };
  },
  async decode(request, { operation }) {
    const bytes = await collect(request);
    return operation.input.isUnitSchema() || bytes.length === 0 ? {} : reader.read(operation.inputSchema, bytes);
  },
  async encode(operation, output) {
    return {
      status: 200,
      headers: { ...headers },
      body: operation.output.isUnitSchema() ? emptyMap : write(operation.outputSchema, output ?? {}),
    };
  },
  async fail(failure) {
    const body = { ...failure.members, __type: `${model.namespace}#${failure.code}`, [failure.messageMember]: failure.message };
    return { status: failure.status, headers: { ...headers }, body: write(documentSchema, body) };
  },
});
