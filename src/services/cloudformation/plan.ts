/** The pure core: which resource after which, what a change means, what may start now. No effects, no time, no store. */
import { type Result, Unknown, unknownCauses } from "./template/functions.ts";
import { same } from "./template/value.ts";
import { propertyLine, type TypeTable } from "./types.ts";

/** Each logical id with those it needs first. */
export type Graph = ReadonlyMap<string, ReadonlySet<string>>;

/** The same arrows, turned round: for deletions. */
export const reversed = (graph: Graph): Graph => {
  const turned = new Map<string, Set<string>>([...graph.keys()].map((id) => [id, new Set()]));
  for (const [id, needs] of graph) for (const other of needs) turned.get(other)?.add(id);
  return turned;
};

/** An order in which each comes after what it needs; or the ids that wait for each other. */
export const ordered = (graph: Graph): { order: string[] } | { circle: string[] } => {
  const order: string[] = [];
  const placed = new Set<string>();
  let left = [...graph.keys()];
  while (left.length > 0) {
    const free = left.filter((id) => [...(graph.get(id) ?? [])].every((need) => placed.has(need) || !graph.has(need)));
    if (free.length === 0) return { circle: circleOf(graph, left) };
    for (const id of free) placed.add(id);
    order.push(...free);
    left = left.filter((id) => !placed.has(id));
  }
  return { order };
};

const circleOf = (graph: Graph, stuck: readonly string[]): string[] => {
  const within = new Set(stuck);
  const path: string[] = [];
  let at = stuck[0] as string;
  while (!path.includes(at)) {
    path.push(at);
    at = [...(graph.get(at) ?? [])].find((need) => within.has(need)) as string;
  }
  return path.slice(path.indexOf(at)).sort();
};

/** What may start: everything it needs has ended well, and it is neither started nor ended. */
export const startable = (graph: Graph, ended: ReadonlySet<string>, started: ReadonlySet<string>): string[] =>
  [...graph]
    .filter(([id, needs]) => !ended.has(id) && !started.has(id) && [...needs].every((need) => ended.has(need) || !graph.has(need)))
    .map(([id]) => id);

export type Requires = "Never" | "Conditionally" | "Always";
/** One property that is, or may become, another. */
export interface PropertyChange {
  readonly name: string;
  /** `/Properties/Stages/0/Name`: the first place within it that differs. */
  readonly path: string;
  readonly requires: Requires;
  /** False: it depends on what is not yet known. */
  readonly certain: boolean;
  /** What it waits for: `Topic`, `Topic.TopicArn`. */
  readonly causes: readonly string[];
  readonly kind: "Add" | "Remove" | "Modify";
  readonly before?: unknown;
  readonly after?: unknown;
}

const rank: Readonly<Record<Requires, number>> = { Never: 0, Conditionally: 1, Always: 2 };
const worse = (a: Requires, b: Requires): Requires => (rank[a] >= rank[b] ? a : b);

type Likeness = "same" | "differs" | "unknown";
const likeness = (before: unknown, after: Result | undefined): Likeness => {
  if (after instanceof Unknown) return "unknown";
  if (after === undefined || before === undefined) return after === before ? "same" : "differs";
  if (typeof after !== "object" || typeof before !== "object" || before === null) return same(before, after) ? "same" : "differs";
  if (unknownCauses(after).length === 0) return same(before, after) ? "same" : "differs";
  const left = before as Record<string, unknown>;
  const right = after as Record<string, Result>;
  if (Array.isArray(left) !== Array.isArray(right) || Object.keys(left).length !== Object.keys(right).length) return "differs";
  const parts = Object.keys(right).map((key) => likeness(left[key], right[key]));
  return parts.includes("differs") ? "differs" : parts.includes("unknown") ? "unknown" : "same";
};

/** The differences between properties as they stand and as they are wanted. */
export const propertyChanges = (
  before: Readonly<Record<string, unknown>>,
  after: Readonly<Record<string, Result>>,
  table: Pick<TypeTable, "properties" | "definitions"> | undefined,
): PropertyChange[] => {
  const changes: PropertyChange[] = [];
  for (const name of new Set([...Object.keys(before), ...Object.keys(after)])) {
    const like = likeness(before[name], after[name]);
    if (like === "same") continue;
    const line = table?.properties[name] === undefined ? undefined : propertyLine(table.properties[name] as string);
    const within = descend(before[name], after[name], line?.type ?? "j", table?.definitions ?? {}, [name]);
    changes.push({
      name,
      path: `/Properties/${within.path.join("/")}`,
      requires: worse(line?.requires ?? "Never", within.requires),
      certain: like === "differs",
      causes: after[name] === undefined ? [] : unknownCauses(after[name]),
      kind: before[name] === undefined ? "Add" : after[name] === undefined ? "Remove" : "Modify",
      ...(before[name] !== undefined && { before: before[name] }),
      ...(after[name] !== undefined && { after: after[name] }),
    });
  }
  return changes;
};

/** Where two values first differ, and the worst that a difference below means. */
const descend = (
  before: unknown,
  after: Result | undefined,
  type: string,
  definitions: TypeTable["definitions"],
  path: readonly (string | number)[],
): { path: readonly (string | number)[]; requires: Requires } => {
  const plain = (value: unknown): value is Record<string, never> =>
    typeof value === "object" && value !== null && !(value instanceof Unknown);
  if (!plain(before) || !plain(after) || Array.isArray(before) !== Array.isArray(after)) return { path, requires: "Never" };
  const lines = type.startsWith("#") ? (definitions[type.slice(1)] ?? {}) : {};
  let first: readonly (string | number)[] | undefined;
  let requires: Requires = "Never";
  const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  const differing = keys.filter((key) => likeness(before[key], after[key]) !== "same");
  for (const key of differing) {
    const line = lines[key] === undefined ? undefined : propertyLine(lines[key]);
    const element = Array.isArray(after) || type.startsWith("{") ? type.slice(1, -1) : (line?.type ?? "j");
    const below = descend(before[key], after[key], element, definitions, [...path, Array.isArray(after) ? Number(key) : key]);
    first ??= below.path;
    requires = worse(requires, worse(line?.requires ?? "Never", below.requires));
  }
  return { path: differing.length === 1 && first ? first : path, requires };
};

/** Whether the changes need a new resource, as change sets say it. */
export const replacementOf = (changes: readonly Pick<PropertyChange, "requires" | "certain">[]): "True" | "False" | "Conditional" =>
  changes.some((change) => change.requires === "Always" && change.certain)
    ? "True"
    : changes.some((change) => change.requires === "Always" || change.requires === "Conditionally")
      ? "Conditional"
      : "False";

/** What becomes of a physical resource that a stack lets go. */
export type Fate = "delete" | "retain";
export const fateOf = (
  why: "removed" | "replaced" | "rolled back" | "stack deleted",
  policies: { readonly deletion?: string; readonly replace?: string },
): Fate => {
  if (why === "replaced") return policies.replace === "Retain" || policies.replace === "Snapshot" ? "retain" : "delete";
  if (policies.deletion === "Retain") return "retain";
  return policies.deletion === "RetainExceptOnCreate" && why !== "rolled back" ? "retain" : "delete";
};
