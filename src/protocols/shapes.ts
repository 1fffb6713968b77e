/** The only place that knows how SDK packages write their schemas down (tuples; see @smithy/core/schema). */
import { NormalizedSchema } from "@smithy/core/schema";

export type Shape = NormalizedSchema;
/** What a codec of the SDK takes for a schema. */
// biome-ignore lint/suspicious/noExplicitAny: the libraries' own schema types are not exported consistently
export type Schema = any;

const operationKind = 9;
const structureKind = 3;
/** Any JSON-like value. */
export const documentSchema: Schema = 15;

export interface Member {
  readonly name: string;
  readonly shape: Shape;
  readonly required: boolean;
  // biome-ignore lint/suspicious/noExplicitAny: traits are an open set
  readonly traits: any;
}

const members = new WeakMap<object, readonly Member[]>();
/** Members of a structure, in the order of its definition: the required ones come first there. */
export function membersOf(shape: Shape): readonly Member[] {
  const schema = shape.getSchema() as Schema;
  if (!Array.isArray(schema)) return [];
  const known = members.get(schema);
  if (known) return known;
  const required = shape.isUnionSchema() ? 0 : ((schema[6] as number | undefined) ?? 0);
  const found = [...shape.structIterator()].map(([name, member], i) => ({
    name,
    shape: member as Shape,
    required: i < required,
    traits: member.getMergedTraits(),
  }));
  members.set(schema, found);
  return found;
}

/** A structure made up by us, e.g. the envelope around a query response. */
export const structure = (namespace: string, name: string, traits: unknown, fields: readonly (readonly [string, Schema])[]): Schema => [
  structureKind,
  namespace,
  name,
  traits,
  fields.map(([field]) => field),
  fields.map(([, schema]) => schema),
];
export const stringSchema: Schema = 0;

/** The same structure with only these members (those which travel in the body). */
export function narrowed(shape: Shape, keep: readonly Member[]): Schema {
  const schema = shape.getSchema() as Schema;
  return structure(
    schema[1],
    schema[2],
    shape.getMergedTraits(),
    keep.map((m) => [m.name, m.shape]),
  );
}

export interface RawOperation {
  readonly name: string;
  readonly input: Schema;
  readonly output: Schema;
  // biome-ignore lint/suspicious/noExplicitAny: traits are an open set
  readonly traits: any;
}
/** Every operation schema that a package exports (as `CreatePipeline$`). */
export const operationsIn = (sdk: object): RawOperation[] =>
  Object.values(sdk)
    .filter((value) => Array.isArray(value) && value[0] === operationKind)
    .map(([, , name, traits, input, output]) => ({ name, traits: typeof traits === "object" ? traits : {}, input, output }));

export const shapeOf = (schema: Schema): Shape => NormalizedSchema.of(schema) as Shape;
export const nameOf = (schema: Schema): { namespace: string; name: string } => ({ namespace: schema[1], name: schema[2] });
