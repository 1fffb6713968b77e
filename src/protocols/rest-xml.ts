/** restXml, which is S3 with its peculiarities. */
import { AwsRestXmlProtocol, XmlShapeDeserializer } from "@aws-sdk/core/protocols";
import { queryPairs } from "../lib/uri.ts";
import { xmlText } from "../lib/xml-text.ts";
import { readBindings } from "./bindings.ts";
import type { Model } from "./model.ts";
import { ServiceError } from "./operations.ts";
import type { Protocol } from "./protocol.ts";
import { responses } from "./responses.ts";
import { match, routesOf } from "./routes.ts";
import { bucketOf } from "./bucket.ts";

const dateTime = 5;
const declaration = '<?xml version="1.0" encoding="UTF-8"?>\n';
/** Object Lambda's callback; its path would hide a bucket of that name. */
const notOurs = new Set(["WriteGetObjectResponse"]);

export function restXmlProtocol(model: Model): Protocol {
  const routes = routesOf([...model.operations.values()].filter(({ name }) => !notOurs.has(name)));
  const xml = { xmlNamespace: model.xmlNamespace, defaultNamespace: model.namespace, errorTypeRegistries: model.registries };
  const write = responses(new AwsRestXmlProtocol(xml as never), model);
  const settings = {
    timestampFormat: { useTrait: true, default: dateTime },
    httpBindings: true,
    xmlNamespace: model.xmlNamespace,
    serviceNamespace: model.namespace,
  };
  const reader = new XmlShapeDeserializer(settings as never);
  return {
    malformed: "MalformedXML",
    invalid: "InvalidRequest",
    async route(request) {
      const query = queryPairs(request.query, true);
      const { bucket, path } = bucketOf(request.headers.host ?? "", request.path);
      const asked = {
        method: request.method,
        parts: path.slice(1) === "" ? [] : path.slice(1).split("/"),
        query: new Map(query),
        headers: request.headers,
      };
      const found = match(routes, { ...asked, bucket: bucket !== undefined });
      if ("operation" in found) {
        if (bucket !== undefined) found.labels.Bucket = bucket;
        return { ...found, query };
      }
      throw new ServiceError("MethodNotAllowed", "The specified method is not allowed against this resource.", 405);
    },
    async decode(request, routed) {
      dropChunkedEncoding(request.headers);
      return readBindings(request, routed, (schema, bytes) => reader.read(schema, bytes));
    },
    async encode(operation, output) {
      const response = await write(operation, output);
      // This one result has no element around it, which the schemas do not say.
      if (operation.name === "GetBucketLocation")
        response.body = `${declaration}<LocationConstraint xmlns="${model.xmlNamespace}">${xmlText((output as { LocationConstraint?: string }).LocationConstraint ?? "")}</LocationConstraint>`;
      return response;
    },
    async fail(failure, requestId, request) {
      const hasBody = request.method !== "HEAD" && failure.status !== 304;
      const more = Object.entries(failure.members)
        .filter(([, value]) => value !== undefined && value !== null)
        .map(([name, value]) => `<${name}>${xmlText(String(value))}</${name}>`);
      const body = `${declaration}<Error><Code>${xmlText(failure.code)}</Code><Message>${xmlText(failure.message)}</Message>${more.join("")}<RequestId>${requestId}</RequestId><HostId>mayfly</HostId></Error>`;
      const headers: Record<string, string> = { ...failure.headers, ...(hasBody && { "content-type": "application/xml" }) };
      return { status: failure.status, headers, body: hasBody ? body : "" };
    },
  };
}

/** `aws-chunked` is how the body travelled; it is not stored with the object. */
function dropChunkedEncoding(headers: Record<string, string>): void {
  const encodings = headers["content-encoding"]?.split(",").map((part) => part.trim());
  if (!encodings?.includes("aws-chunked")) return;
  const kept = encodings.filter((part) => part !== "aws-chunked" && part !== "");
  if (kept.length > 0) headers["content-encoding"] = kept.join(",");
  else delete headers["content-encoding"];
}
