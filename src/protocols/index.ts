/** Which protocol a request is written in: each request says so itself, since one service may be called in several. */
import { cborProtocol } from "./cbor.ts";
import { jsonProtocol } from "./json.ts";
import type { WireRequest } from "./message.ts";
import { type Model, modelOf } from "./model.ts";
import type { Protocol } from "./protocol.ts";
import { queryProtocol } from "./query.ts";
import { restJsonProtocol } from "./rest-json.ts";
import { restXmlProtocol } from "./rest-xml.ts";

export type Spoken = "json" | "cbor" | "query" | "restJson" | "restXml";
const makers: Record<Spoken, (model: Model) => Protocol> = {
  json: jsonProtocol,
  cbor: cborProtocol,
  query: queryProtocol,
  restJson: restJsonProtocol,
  restXml: restXmlProtocol,
};

export function spokenIn(request: WireRequest, model: Model): Spoken {
  if (model.protocol === "restJson1") return "restJson";
  if (model.protocol === "restXml") return "restXml";
  if (request.headers["smithy-protocol"] === "rpc-v2-cbor") return "cbor";
  if (request.headers["x-amz-target"] !== undefined) return "json";
  return "query";
}

const made = new WeakMap<Model, Map<Spoken, Protocol>>();
/** The protocol of that request, for the service that this SDK package describes. */
export function protocolFor(request: WireRequest, sdk: object): Protocol {
  const model = modelOf(sdk);
  const spoken = spokenIn(request, model);
  let ofModel = made.get(model);
  if (!ofModel) made.set(model, (ofModel = new Map()));
  let protocol = ofModel.get(spoken);
  if (!protocol) ofModel.set(spoken, (protocol = makers[spoken](model)));
  return protocol;
}
