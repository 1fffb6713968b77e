/** The rules of a parameter's name, and how a version of it is asked for. */
import * as sdk from "@aws-sdk/client-ssm";
import { ServiceError } from "../../protocols/operations.ts";
import { invalid } from "./errors.ts";

const deepest = 15;

/** Throws what is wrong with the name of a parameter to be made. */
export const checkName = (name: string): void => {
  if (!/^[A-Za-z0-9_.\-/]+$/.test(name) || name.endsWith("/") || name.includes("//"))
    throw invalid(
      "Parameter name must only contain letters, numbers and the symbols .-_ with hierarchies separated by /, and must neither end with / nor contain an empty level.",
    );
  if (name.includes("/") && !name.startsWith("/")) throw invalid("Parameter name must be a fully qualified name.");
  const first = name.replace(/^\//, "").toLowerCase();
  if (first.startsWith("aws")) throw new ServiceError("AccessDeniedException", `No access to reserved parameter name: ${name}.`);
  if (first.startsWith("ssm")) throw invalid('Parameter name: can\'t be prefixed with "ssm" (case-insensitive).');
  if (name.split("/").length - 1 > deepest)
    throw new sdk.HierarchyLevelLimitExceededException({ message: `A hierarchy can have a maximum of ${deepest} levels.`, $metadata: {} });
};

export interface Asked {
  readonly name: string;
  /** A number or a label. */
  readonly selector?: string;
}
/** `name`, `name:3`, `name:label`, or an ARN with or without them. */
export const askedFor = (text: string): Asked => {
  const [, full, rest] = /^arn:[^:]+:ssm:[^:]*:[^:]*:parameter(\/(.+))$/.exec(text) ?? [];
  const bare = full === undefined ? text : rest;
  const cut = bare.indexOf(":");
  const name = cut < 0 ? bare : bare.slice(0, cut);
  return {
    // An ARN does not tell `/a` from `a`; what lies in a hierarchy begins with a slash.
    name: full !== undefined && name.includes("/") ? `/${name}` : name,
    selector: cut < 0 ? undefined : bare.slice(cut + 1),
  };
};

/** Whether the name lies below that path. */
export const isBelow = (name: string, path: string, recursive: boolean): boolean => {
  const parent = path.endsWith("/") ? path : `${path}/`;
  if (!name.startsWith("/")) return parent === "/" && (recursive || !name.includes("/"));
  return name.startsWith(parent) && (recursive || !name.slice(parent.length).includes("/"));
};
