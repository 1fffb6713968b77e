/** Which operation of a REST service a method, path and query ask for. */
import type { Operation } from "./model.ts";
import { membersOf } from "./shapes.ts";

type Segment = { readonly literal: string } | { readonly label: string; readonly greedy: boolean };
interface Route {
  readonly operation: Operation;
  readonly segments: readonly Segment[];
  /** Query that must be there; an empty value means any value. */
  readonly literals: readonly (readonly [string, string])[];
  /** Members that must be there: they tell PutObject from UploadPart from CopyObject. */
  readonly needs: readonly { readonly in: "query" | "header"; readonly name: string }[];
  /** `x-id` only breaks ties: not every client sends it. */
  readonly id: string | undefined;
  readonly bucket: boolean;
}
export interface Routes {
  readonly byMethod: ReadonlyMap<string, readonly Route[]>;
  readonly all: readonly Route[];
}

export function routesOf(operations: Iterable<Operation>): Routes {
  const all = [...operations].flatMap((operation) => (operation.http ? [routeOf(operation, operation.http.uri)] : []));
  const byMethod = new Map<string, Route[]>();
  for (const route of all) {
    const method = route.operation.http?.method as string;
    byMethod.set(method, [...(byMethod.get(method) ?? []), route]);
  }
  return { byMethod, all };
}

function routeOf(operation: Operation, uri: string): Route {
  const [path = "", query = ""] = uri.split("?");
  const pairs = query === "" ? [] : query.split("&").map((pair): [string, string] => [pair.split("=")[0] ?? "", pair.split("=")[1] ?? ""]);
  const members = membersOf(operation.input);
  return {
    operation,
    segments: path
      .split("/")
      .filter((part) => part !== "")
      .map((part) => {
        const label = /^\{([^}+]+)(\+)?\}$/.exec(part);
        return label ? { label: label[1] as string, greedy: label[2] !== undefined } : { literal: part };
      }),
    literals: pairs.filter(([key]) => key !== "x-id"),
    id: pairs.find(([key]) => key === "x-id")?.[1],
    needs: members
      .filter((member) => member.required)
      .flatMap(({ traits }) => [
        ...(traits.httpQuery ? [{ in: "query" as const, name: traits.httpQuery as string }] : []),
        ...(traits.httpHeader ? [{ in: "header" as const, name: (traits.httpHeader as string).toLowerCase() }] : []),
      ]),
    bucket: members.some((member) => member.name === "Bucket" && member.traits.httpLabel),
  };
}

export interface Asked {
  readonly method: string;
  /** Path segments as sent. */
  readonly parts: readonly string[];
  readonly query: ReadonlyMap<string, string>;
  readonly headers: Readonly<Record<string, string>>;
  /** S3: whether a bucket is named. */
  readonly bucket?: boolean;
}
export interface Match {
  readonly operation: Operation;
  /** Decoded. */
  readonly labels: Record<string, string>;
}

/** The most specific route; `path` tells whether at least the path exists with another method. Throws URIError on bad escapes. */
export function match(routes: Routes, asked: Asked): Match | { path: boolean } {
  let best: { route: Route; labels: Record<string, string> } | undefined;
  let bestScore = -1;
  for (const route of routes.byMethod.get(asked.method) ?? []) {
    if (asked.bucket !== undefined && route.bucket !== asked.bucket) continue;
    const labels = fit(route.segments, asked.parts);
    if (!labels || !route.literals.every(([key, value]) => (value === "" ? asked.query.has(key) : asked.query.get(key) === value)))
      continue;
    if (!route.needs.every((need) => (need.in === "query" ? asked.query.has(need.name) : asked.headers[need.name] !== undefined))) continue;
    const literalSegments = route.segments.filter((segment) => "literal" in segment).length;
    const named = route.id !== undefined && asked.query.get("x-id") === route.id ? 1 : 0;
    const score = 100 * literalSegments + 10 * route.literals.length + 2 * route.needs.length + named;
    if (score > bestScore) {
      bestScore = score;
      best = { route, labels };
    }
  }
  if (best) return { operation: best.route.operation, labels: best.labels };
  return {
    path: routes.all.some((route) => (asked.bucket === undefined || route.bucket === asked.bucket) && fit(route.segments, asked.parts)),
  };
}

function fit(segments: readonly Segment[], parts: readonly string[]): Record<string, string> | undefined {
  const labels: Record<string, string> = {};
  let at = 0;
  for (const segment of segments) {
    if ("literal" in segment) {
      if (parts[at++] !== segment.literal) return undefined;
    } else if (segment.greedy) {
      const rest = parts.slice(at).join("/");
      if (rest === "") return undefined;
      labels[segment.label] = decodeURIComponent(rest);
      at = parts.length;
    } else {
      const part = parts[at++];
      if (part === undefined || part === "") return undefined;
      labels[segment.label] = decodeURIComponent(part);
    }
  }
  return at === parts.length ? labels : undefined;
}
