/** restJson1 (Lambda). */
import { AwsRestJsonProtocol } from "@aws-sdk/core/protocols";
import { queryPairs } from "../lib/uri.ts";
import { readBindings } from "./bindings.ts";
import { readJson, writeJson } from "./json.ts";
import { toText } from "./message.ts";
import type { Model } from "./model.ts";
import { ServiceError } from "./operations.ts";
import { type Protocol, unknownOperation } from "./protocol.ts";
import { responses } from "./responses.ts";
import { match, routesOf } from "./routes.ts";

export function restJsonProtocol(model: Model): Protocol {
  const routes = routesOf(model.operations.values());
  const write = responses(
    new AwsRestJsonProtocol({ defaultNamespace: model.namespace, errorTypeRegistries: model.registries } as never),
    model,
  );
  return {
    malformed: "InvalidRequestContentException",
    invalid: "ValidationException",
    async route(request) {
      const query = queryPairs(request.query, true);
      const parts = request.path.slice(1).split("/");
      // Older models spell a collection with a trailing slash: `/functions/`.
      if (parts.at(-1) === "") parts.pop();
      const found = match(routes, { method: request.method, parts, query: new Map(query), headers: request.headers });
      if ("operation" in found) return { ...found, query };
      throw found.path
        ? new ServiceError("MethodNotAllowedException", `${request.method} is not allowed here.`, 405)
        : unknownOperation(`at ${request.path}`, 404);
    },
    decode: (request, routed) => readBindings(request, routed, readJson),
    async encode(operation, output) {
      const response = await write(operation, output);
      if (response.body === "" && operation.http?.status === 200 && !operation.output.isUnitSchema()) response.body = "{}";
      return response;
    },
    async fail(failure) {
      const modelled = failure.schema ? JSON.parse(toText(writeJson(failure.schema, failure.members))) : failure.members;
      // Lambda's own clients read either spelling; the modelled one goes first.
      const body = JSON.stringify({
        ...modelled,
        [failure.messageMember]: failure.message,
        ...(failure.messageMember === "message" ? {} : { message: failure.message }),
      });
      return { status: failure.status, headers: { "content-type": "application/json", "x-amzn-errortype": failure.code }, body };
    },
  };
}
