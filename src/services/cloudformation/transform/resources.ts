/** The resources a transform makes, and the small values they are made of. */
import { isMap, type Value, type ValueMap } from "../template/value.ts";

export interface Resource {
  readonly Type: string;
  readonly Properties?: ValueMap;
  readonly DependsOn?: string | readonly string[];
  readonly Condition?: string;
  readonly DeletionPolicy?: Value;
  readonly UpdateReplacePolicy?: Value;
  readonly UpdatePolicy?: ValueMap;
  readonly Metadata?: ValueMap;
}
export type Resources = Record<string, Resource>;

/** Where the transform runs. */
export interface Facts {
  readonly region: string;
  readonly account: string;
  readonly partition: string;
}

export const ref = (logicalId: string): ValueMap => ({ Ref: logicalId });
export const getAtt = (logicalId: string, attribute: string): ValueMap => ({ "Fn::GetAtt": [logicalId, attribute] });
export const noValue: ValueMap = { Ref: "AWS::NoValue" };
export const isNoValue = (value: Value | undefined): boolean => isMap(value) && value.Ref === "AWS::NoValue";

/** The function a map stands for, `Condition` included; undefined for plain data. */
export const intrinsicName = (value: Value | undefined): string | undefined => {
  if (!isMap(value)) return undefined;
  const [key, ...others] = Object.keys(value);
  return others.length === 0 && key !== undefined && (key === "Ref" || key === "Condition" || key.startsWith("Fn::")) ? key : undefined;
};
export const isIntrinsic = (value: Value | undefined): boolean => intrinsicName(value) !== undefined;

/** The three parts of an `Fn::If`; undefined for anything else. */
export const ifParts = (value: Value | undefined): [condition: string, then: Value, otherwise: Value] | undefined => {
  const parts = intrinsicName(value) === "Fn::If" ? (value as ValueMap)["Fn::If"] : undefined;
  return Array.isArray(parts) && parts.length === 3 && typeof parts[0] === "string" ? [parts[0], parts[1], parts[2]] : undefined;
};

/** Without the members that nobody gave. */
export const given = (properties: Readonly<Record<string, Value | undefined>>): ValueMap =>
  Object.fromEntries(Object.entries(properties).filter((entry): entry is [string, Value] => entry[1] !== undefined && entry[1] !== null));

/** What a SAM resource hands on to every resource it becomes. */
export const passedOn = ({
  Condition,
  DeletionPolicy,
  UpdateReplacePolicy,
}: Resource): Pick<Resource, "Condition" | "DeletionPolicy" | "UpdateReplacePolicy"> => ({
  ...(Condition !== undefined && { Condition }),
  ...(DeletionPolicy !== undefined && { DeletionPolicy }),
  ...(UpdateReplacePolicy !== undefined && { UpdateReplacePolicy }),
});

export const tagList = (tags: ValueMap): Value[] => Object.entries(tags).map(([Key, Value]) => ({ Key, Value: Value ?? "" }));
