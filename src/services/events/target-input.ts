/** What a target is given for an event: the event itself, a constant, a part of it, or a template filled from it. */

export class BadInput extends Error {}

export interface InputSettings {
  readonly input?: string;
  readonly inputPath?: string;
  readonly transformer?: { readonly paths: Readonly<Record<string, string>>; readonly template: string };
}
/** What is known besides the event. */
export interface Circumstances {
  readonly ruleArn: string;
  readonly ruleName: string;
  readonly ingested: string;
}

/** Throws `BadInput`: what is wrong with a target's settings. */
export const checkInput = ({ input, inputPath, transformer }: InputSettings): void => {
  if ([input, inputPath, transformer].filter((one) => one !== undefined).length > 1)
    throw new BadInput("Only one of Input, InputPath, or InputTransformer must be provided");
  if (input !== undefined && !isJson(input)) throw new BadInput("JSON syntax error in input");
  if (inputPath !== undefined) parsePath(inputPath);
  if (transformer) {
    for (const path of Object.values(transformer.paths)) parsePath(path);
    for (const [, name] of transformer.template.matchAll(placeholder))
      if (!name.startsWith("aws.events.") && !Object.hasOwn(transformer.paths, name))
        throw new BadInput(`Invalid InputTemplate: [Source: placeholder <${name}> is not in InputPathsMap]`);
  }
};

/** The text the target receives. */
export const inputFor = (event: object, settings: InputSettings, circumstances: Circumstances): string => {
  if (settings.input !== undefined) return settings.input;
  if (settings.inputPath !== undefined) return JSON.stringify(valueAt(event, parsePath(settings.inputPath)) ?? {});
  if (settings.transformer) return fill(settings.transformer, event, circumstances);
  return JSON.stringify(event);
};

const placeholder = /<([^<>\s]+)>/g;

const fill = (transformer: NonNullable<InputSettings["transformer"]>, event: object, circumstances: Circumstances): string => {
  const reserved: Record<string, unknown> = {
    "aws.events.rule-arn": circumstances.ruleArn,
    "aws.events.rule-name": circumstances.ruleName,
    "aws.events.event.ingestion-time": circumstances.ingested,
    "aws.events.event": event,
    "aws.events.event.json": event,
  };
  const valueOf = (name: string): unknown =>
    Object.hasOwn(transformer.paths, name) ? valueAt(event, parsePath(transformer.paths[name])) : reserved[name];
  let quoted = false;
  let filled = "";
  let from = 0;
  const { template } = transformer;
  for (const hit of template.matchAll(placeholder)) {
    const before = template.slice(from, hit.index);
    quoted = endsQuoted(before, quoted);
    const value = valueOf(hit[1]);
    filled += before + (quoted ? insideText(value) : JSON.stringify(value ?? null));
    from = hit.index + hit[0].length;
  }
  return filled + template.slice(from);
};

/** Whether the end of this piece of a template lies inside a JSON string. */
const endsQuoted = (piece: string, quoted: boolean): boolean => {
  let inside = quoted;
  for (let index = 0; index < piece.length; index++) {
    if (piece[index] === "\\") index++;
    else if (piece[index] === '"') inside = !inside;
  }
  return inside;
};
const insideText = (value: unknown): string => {
  if (value === undefined || value === null) return "";
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return JSON.stringify(text).slice(1, -1);
};

/** `$`, `$.detail.x`, `$.resources[0]`, `$.detail['a b']`. Throws `BadInput`. */
const parsePath = (path: string): (string | number)[] => {
  const parts: (string | number)[] = [];
  const step = /\.([^.[\]'"\s]+)|\[(\d+)\]|\['([^']+)'\]|\["([^"]+)"\]/y;
  step.lastIndex = 1;
  if (!path.startsWith("$")) throw new BadInput(`Invalid JSON path ${path}`);
  while (step.lastIndex < path.length) {
    const hit = step.exec(path);
    if (!hit) throw new BadInput(`Invalid JSON path ${path}`);
    parts.push(hit[2] !== undefined ? Number(hit[2]) : (hit[1] ?? hit[3] ?? hit[4]));
  }
  return parts;
};
const valueAt = (document: unknown, path: readonly (string | number)[]): unknown => {
  let here: unknown = document;
  for (const part of path) {
    if (typeof here !== "object" || here === null || !Object.hasOwn(here, part)) return undefined;
    here = (here as Record<string | number, unknown>)[part];
  }
  return here;
};
const isJson = (text: string): boolean => {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
};
