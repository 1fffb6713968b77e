/** awsQuery: a form in, XML out. */
import { XmlShapeDeserializer, XmlShapeSerializer } from "@aws-sdk/core/protocols";
import { queryPairs } from "../lib/uri.ts";
import { xmlText } from "../lib/xml-text.ts";
import { collect, toText } from "./message.ts";
import type { Model, Operation } from "./model.ts";
import { ServiceError } from "./operations.ts";
import type { Protocol } from "./protocol.ts";
import { formTree } from "./form.ts";
import { type Schema, stringSchema, structure } from "./shapes.ts";

const dateTime = 5;

export function queryProtocol(model: Model): Protocol {
  const settings = {
    timestampFormat: { useTrait: true, default: dateTime as 5 },
    httpBindings: false,
    xmlNamespace: model.xmlNamespace,
    serviceNamespace: model.namespace,
  };
  const reader = new XmlShapeDeserializer(settings as never);
  const writer = new XmlShapeSerializer(settings as never);
  const write = (schema: Schema, value: unknown): string => {
    writer.write(schema, value);
    return String(writer.flush());
  };
  const envelopes = new Map<Operation, Schema>();
  const envelopeOf = (operation: Operation): Schema => {
    const known = envelopes.get(operation);
    if (known) return known;
    const metadata = structure(model.namespace, "ResponseMetadata", 0, [["RequestId", stringSchema]]);
    const result: [string, Schema][] = operation.output.isUnitSchema() ? [] : [[`${operation.name}Result`, operation.outputSchema]];
    const made = structure(model.namespace, `${operation.name}Response`, 0, [...result, ["ResponseMetadata", metadata]]);
    envelopes.set(operation, made);
    return made;
  };

  return {
    malformed: "MalformedInput",
    invalid: "ValidationError",
    async route(request) {
      const body = await collect(request);
      const query = queryPairs(body.length > 0 ? toText(body) : request.query, true);
      const name = query.find(([key]) => key === "Action")?.[1] ?? "";
      const operation = model.operations.get(name);
      if (!operation)
        throw name === ""
          ? new ServiceError("MissingAction", "The request is missing an action.")
          : new ServiceError("InvalidAction", `Could not find operation ${name}.`);
      return { operation, labels: {}, query };
    },
    async decode(_request, { operation, query }) {
      return operation.input.isUnitSchema() ? {} : reader.readSchema(operation.inputSchema, formTree(query));
    },
    async encode(operation, output, requestId) {
      const body = write(envelopeOf(operation), { [`${operation.name}Result`]: output ?? {}, ResponseMetadata: { RequestId: requestId } });
      return { status: 200, headers: { "content-type": "text/xml" }, body };
    },
    async fail(failure, requestId) {
      const type = failure.sender ? "Sender" : "Receiver";
      const more = failure.schema ? innerXml(write(failure.schema, failure.members)) : "";
      const error = `<Type>${type}</Type><Code>${xmlText(failure.queryCode)}</Code><Message>${xmlText(failure.message)}</Message>${more}`;
      const body = `<ErrorResponse xmlns="${model.xmlNamespace}"><Error>${error}</Error><RequestId>${requestId}</RequestId></ErrorResponse>`;
      return { status: failure.queryStatus, headers: { "content-type": "text/xml" }, body };
    },
  };
}

/** What is inside the outermost element. */
const innerXml = (xml: string): string => (/^<[^>]*\/>$/.test(xml) ? "" : xml.replace(/^<[^>]*>/, "").replace(/<\/[^>]*>$/, ""));
