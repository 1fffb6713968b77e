import {
  type Document,
  isAlias,
  isMap as isYamlMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type Pair,
  parseDocument,
  type Scalar,
} from "yaml";
import { isMap, type Path, type Places, placeKey, TemplateError, type Value } from "./value.ts";

const withoutPrefix = new Set(["Ref", "Condition"]);
const shortForms = new Set(
  (
    "Ref Condition GetAtt Sub Join Select Split FindInMap If And Or Not Equals ImportValue Base64 Cidr GetAZs Transform Length ToJsonString " +
    "Contains EachMemberEquals EachMemberIn RefAll ValueOf ValueOfAll"
  ).split(" "),
);
/** Aliases may repeat a node many times; a small text must not become a huge tree. */
const largest = 150_000;

/** Reads YAML with CloudFormation's short forms, anchors and merge keys; remembers the line of every value. */
export const readYaml = (text: string): { value: Value; places: Places } => {
  const lines = new LineCounter();
  const document = parseDocument(text, {
    schema: "core",
    lineCounter: lines,
    uniqueKeys: false,
    merge: false,
    prettyErrors: false,
    logLevel: "silent",
    stringKeys: false,
  });
  const fail = (offset: number | undefined, why: string): never => {
    const { line, col } = lines.linePos(offset ?? 0);
    throw new TemplateError(`Template format error: YAML not well-formed. (line ${line}, column ${col}): ${why}`);
  };
  const [error] = document.errors;
  if (error) fail(error.pos[0], /call stack/.test(error.message) ? "nested too deeply" : (error.message.split("\n")[0] ?? error.code));
  const reader = new Reader(document, lines, fail);
  return { value: reader.read(document.contents, []), places: reader.places };
};

class Reader {
  readonly places = new Map<string, number>();
  readonly #document: Document;
  readonly #lines: LineCounter;
  readonly #fail: (offset: number | undefined, why: string) => never;
  #count = 0;
  constructor(document: Document, lines: LineCounter, fail: (offset: number | undefined, why: string) => never) {
    this.#document = document;
    this.#lines = lines;
    this.#fail = fail;
  }

  read(node: unknown, path: Path, open: readonly unknown[] = []): Value {
    const at = (node as Node | null)?.range?.[0];
    if (++this.#count > largest) this.#fail(at, "aliases make the document too large");
    if (open.length > 200) this.#fail(at, "nested too deeply");
    if (at !== undefined) this.places.set(placeKey(path), this.#lines.linePos(at).line);
    if (isAlias(node)) {
      const target = node.resolve(this.#document);
      if (!target) return this.#fail(at, `the alias *${node.source} has no anchor`);
      if (open.includes(target)) return this.#fail(at, `the alias *${node.source} contains itself`);
      return this.read(target, path, open);
    }
    const short = this.#shortForm(node);
    const inner = [...open, node];
    if (short === undefined) return this.#plain(node, path, inner);
    const content = this.#plain(node, [...path, short], inner);
    return { [short]: short === "Fn::GetAtt" && typeof content === "string" ? splitAttribute(content) : content };
  }

  #shortForm(node: unknown): string | undefined {
    const tag = (node as Node | null)?.tag;
    if (typeof tag !== "string" || !tag.startsWith("!")) return undefined;
    const name = tag.slice(1);
    if (name === "") return undefined;
    if (!shortForms.has(name)) return this.#fail((node as Node).range?.[0], `unknown tag ${tag}`);
    return withoutPrefix.has(name) ? name : `Fn::${name}`;
  }

  #plain(node: unknown, path: Path, open: readonly unknown[]): Value {
    const at = (node as Node | null)?.range?.[0];
    if (isYamlMap(node)) return this.#map(node.items, path, open);
    if (isSeq(node)) return node.items.map((item, index) => this.read(item, [...path, index], open));
    if (isScalar(node)) {
      const tag = node.tag;
      if (tag && !tag.startsWith("!") && !/^tag:yaml\.org,2002:(str|int|float|bool|null)$/.test(tag)) {
        return this.#fail(at, `the tag ${tag.replace("tag:yaml.org,2002:", "!!")} is not supported`);
      }
      const value = scalar(node);
      if (value !== null) return value;
    }
    const line = at === undefined ? "" : ` (line ${this.#lines.linePos(at).line})`;
    if (path.length === 0) throw new TemplateError("Template format error: unsupported structure.");
    throw new TemplateError(`Template format error: [/${path.join("/")}] 'null' values are not allowed in templates${line}`);
  }

  #map(pairs: readonly Pair[], path: Path, open: readonly unknown[]): Value {
    const own: Record<string, Value> = {};
    const merged: Value[] = [];
    for (const pair of pairs) {
      const at = (pair.key as Node | null)?.range?.[0];
      const keyNode = isAlias(pair.key) ? pair.key.resolve(this.#document) : pair.key;
      if (!isScalar(keyNode)) return this.#fail(at, "a key must be a plain value");
      const key = keyNode.type === "PLAIN" ? (keyNode.source ?? String(keyNode.value)) : String(keyNode.value);
      if (key === "<<" && keyNode.type === "PLAIN") {
        const value = this.read(pair.value, path, open);
        merged.push(...(Array.isArray(value) ? value : [value]));
        continue;
      }
      if (Object.hasOwn(own, key) || key === "__proto__") this.#fail(at, `duplicate key ${JSON.stringify(key)} in /${path.join("/")}`);
      own[key] = this.read(pair.value, [...path, key], open);
      if (at !== undefined) this.places.set(placeKey([...path, key]), this.#lines.linePos(at).line);
    }
    for (const part of merged) {
      if (!isMap(part)) return this.#fail(undefined, `'<<' in /${path.join("/")} must name maps`);
      for (const [key, value] of Object.entries(part)) if (!Object.hasOwn(own, key)) own[key] = value;
    }
    return own;
  }
}

/** A plain number stays text where a double would change it (`1.0`, `012345678901`); a property that wants a number takes text too. */
const scalar = (node: Scalar): string | number | boolean | null => {
  const { value } = node;
  if (typeof value === "number") return String(value) === node.source ? value : (node.source ?? String(value));
  if (typeof value === "string" || typeof value === "boolean" || value === null) return value;
  return value === undefined ? null : String(value);
};

const splitAttribute = (text: string): Value => {
  const dot = text.indexOf(".");
  return dot < 0 ? text : [text.slice(0, dot), text.slice(dot + 1)];
};
