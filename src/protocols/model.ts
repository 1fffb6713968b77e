import { TypeRegistry } from "@smithy/core/schema";
import { nameOf, operationsIn, type Schema, type Shape, shapeOf } from "./shapes.ts";

/** One operation, as the SDK package describes it. */
export interface Operation {
  readonly name: string;
  readonly input: Shape;
  readonly output: Shape;
  readonly inputSchema: Schema;
  readonly outputSchema: Schema;
  /** Method, path template with query literals, and success status; only of REST services. */
  readonly http?: { readonly method: string; readonly uri: string; readonly status: number };
}
/** A service, as its SDK package describes it. */
export interface Model {
  readonly namespace: string;
  readonly xmlNamespace: string;
  /** What the service speaks when a request does not say otherwise. */
  readonly protocol: "awsJson1_0" | "awsJson1_1" | "awsQuery" | "restJson1" | "restXml" | "rpcv2Cbor";
  readonly operations: ReadonlyMap<string, Operation>;
  /** The schema of an exception of this package. */
  errorSchema(error: unknown): Schema | undefined;
  readonly registries: unknown[];
  /** Answers of a JSON service that once spoke query name their old error codes too. */
  readonly queryCompatible: boolean;
}

const models = new WeakMap<object, Model>();
/** Reads the description out of a package; once per package. */
export function modelOf(sdk: object): Model {
  const known = models.get(sdk);
  if (known) return known;
  const model = read(sdk);
  models.set(sdk, model);
  return model;
}

function read(sdk: object): Model {
  // biome-ignore lint/suspicious/noExplicitAny: a package's exports
  const exports = sdk as any;
  const clientName = Object.keys(exports).find((key) => /^[A-Z]\w*Client$/.test(key));
  if (!clientName) throw new Error("this package exports no client");
  const client = new exports[clientName]({ region: "us-east-1", credentials: { accessKeyId: "x", secretAccessKey: "x" } });
  const settings = client.config.protocolSettings;
  const operations = new Map<string, Operation>();
  for (const { name, traits, input, output } of operationsIn(sdk)) {
    const http = traits.http as [string, string, number] | undefined;
    operations.set(name, {
      name,
      input: shapeOf(input),
      output: shapeOf(output),
      inputSchema: input,
      outputSchema: output,
      ...(http && { http: { method: http[0], uri: http[1], status: http[2] } }),
    });
  }
  return {
    namespace: settings.defaultNamespace,
    xmlNamespace: settings.xmlNamespace ?? "",
    protocol: client.config.protocol.getShapeId().split("#")[1],
    operations,
    errorSchema: errorSchemas(settings),
    registries: settings.errorTypeRegistries ?? [],
    queryCompatible: settings.awsQueryCompatible === true,
  };
}

// biome-ignore lint/suspicious/noExplicitAny: protocolSettings is untyped
function errorSchemas(settings: any): (error: unknown) => Schema | undefined {
  const byClass = new Map<unknown, Schema>();
  for (const registry of [...(settings.errorTypeRegistries ?? []), TypeRegistry.for(settings.defaultNamespace)])
    for (const [schema, constructor] of registry.exceptions)
      if (nameOf(schema).namespace === settings.defaultNamespace) byClass.set(constructor, schema);
  return (error) => byClass.get((error as object | undefined)?.constructor);
}
