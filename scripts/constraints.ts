/**
 * Writes src/protocols/constraints/*.json: the lengths, patterns, ranges and value sets of inputs, which no npm package
 * carries. They come from the service models of botocore (Apache-2.0): Debian's `awscli` contains one, `pip install
 * botocore` brings a newer. The committed files are those of botocore 1.43.11.
 *
 *   node_modules/.bin/node scripts/constraints.ts [folder of botocore's data]
 */
import { createRequire } from "node:module";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import type { Rule, Rules } from "../src/protocols/constraints.ts";

const services: Record<string, string> = {
  codecommit: "codecommit",
  codebuild: "codebuild",
  codepipeline: "codepipeline",
  cloudformation: "cloudformation",
  iam: "iam",
  sts: "sts",
  lambda: "lambda",
  sns: "sns",
  events: "eventbridge",
  logs: "cloudwatch-logs",
  ssm: "ssm",
  secretsmanager: "secrets-manager",
};

interface Shape {
  type: string;
  min?: number;
  max?: number;
  pattern?: string;
  enum?: string[];
  member?: { shape: string };
  key?: { shape: string };
  value?: { shape: string };
  members?: Record<string, { shape: string }>;
}
interface Model {
  operations: Record<string, { input?: { shape: string } }>;
  shapes: Record<string, Shape>;
}

const folder = process.argv[2] ?? "/usr/lib/python3/dist-packages/awscli/botocore/data";
const target = join(import.meta.dirname, "../src/protocols/constraints");
mkdirSync(target, { recursive: true });
for (const [name, sdkName] of Object.entries(services)) {
  const sdk = createRequire(import.meta.url)(`@aws-sdk/client-${sdkName}`) as Record<string, unknown>;
  writeFileSync(join(target, `${name}.json`), `${JSON.stringify(rulesOf(modelOf(name), sdk))}\n`);
}

function modelOf(name: string): Model {
  const version = readdirSync(join(folder, name)).sort().at(-1) as string;
  const plain = join(folder, name, version, "service-2.json");
  return JSON.parse(existsSync(plain) ? readFileSync(plain, "utf8") : gunzipSync(readFileSync(`${plain}.gz`)).toString());
}

function rulesOf(model: Model, sdk: Record<string, unknown>): Rules {
  const rules: Rule[] = [];
  const indexes = new Map<string, number>();
  const structures: Record<string, Record<string, number>> = {};
  const indexOf = (rule: Rule | undefined): number | undefined => {
    if (!rule) return undefined;
    const text = JSON.stringify(rule);
    const known = indexes.get(text) ?? rules.push(rule) - 1;
    indexes.set(text, known);
    return known;
  };
  const visited = new Set<string>();
  /** Gathers the rules of every structure below, and answers the shape's own. */
  const visit = (name: string): number | undefined => {
    const shape = model.shapes[name] as Shape;
    const { min, max, enum: values } = shape;
    const each = shape.member ?? shape.value;
    if (shape.type === "structure") {
      if (visited.has(name)) return undefined;
      visited.add(name);
      const found: Record<string, number> = {};
      for (const [member, { shape: inner }] of Object.entries(shape.members ?? {})) {
        const index = visit(inner);
        if (index !== undefined) found[member] = index;
      }
      if (Object.keys(found).length > 0) structures[name] = found;
      return undefined;
    }
    if (shape.type === "list" || shape.type === "map") {
      // A list may hold what holds the list again.
      if (visited.has(name)) return indexes.get(name);
      visited.add(name);
    }
    const eachIndex = each && visit(each.shape);
    const keyIndex = shape.key && visit(shape.key.shape);
    const pattern = usable(shape.pattern);
    const rule: Rule = {
      ...(min !== undefined && min > -(2 ** 31) && { min }),
      ...(max !== undefined && max < 2 ** 31 - 1 && { max }),
      ...(pattern !== undefined && { pattern }),
      ...(values && { values: [...new Set([...values, ...newer(sdk[name])])] }),
      ...(eachIndex !== undefined && { each: eachIndex }),
      ...(keyIndex !== undefined && { key: keyIndex }),
    };
    const index = indexOf(Object.keys(rule).length > 0 ? rule : undefined);
    if (index !== undefined && (shape.type === "list" || shape.type === "map")) indexes.set(name, index);
    return index;
  };
  for (const { input } of Object.values(model.operations)) if (input) visit(input.shape);
  return { rules, structures };
}

/** Values that the SDK package knows already. */
function newer(values: unknown): string[] {
  return values && typeof values === "object" ? Object.values(values).filter((value) => typeof value === "string") : [];
}

/** Patterns that say something, in a syntax that JavaScript shares. */
function usable(pattern: string | undefined): string | undefined {
  if (pattern === undefined || pattern === ".*" || pattern === "[\\s\\S]*") return undefined;
  for (const flags of ["u", ""])
    try {
      new RegExp(`^(?:${pattern})$`, flags);
      return pattern;
    } catch {}
  return undefined;
}
