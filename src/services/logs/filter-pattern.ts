/** Filter patterns: unstructured terms, and conditions on JSON events. */
export class BadPattern extends Error {}
export type Matches = (message: string) => boolean;

/** Throws `BadPattern`. */
export const parsePattern = (text: string): Matches => {
  const pattern = text.trim();
  if (pattern === "") return () => true;
  if (pattern.startsWith("{")) return parseJsonPattern(pattern);
  if (pattern.startsWith("[")) throw new BadPattern("space-delimited filter patterns ([a, b, ...]) are not implemented by Mayfly");
  return parseTerms(pattern);
};

/** `ERROR "a phrase" ?this ?that -notthis %regex%` */
const parseTerms = (text: string): Matches => {
  const all: Matches[] = [];
  const some: Matches[] = [];
  for (const [, sign = "", phrase, word = ""] of text.matchAll(/([?-]?)(?:"((?:[^"\\]|\\.)*)"|(\S+))/g)) {
    const matches = termOf(phrase === undefined ? word : undefined, phrase?.replace(/\\(.)/g, "$1") ?? word);
    if (sign === "?") some.push(matches);
    else if (sign === "-") all.push((message) => !matches(message));
    else all.push(matches);
  }
  // AWS ignores optional terms beside required ones.
  if (all.length > 0) return (message) => all.every((matches) => matches(message));
  return (message) => some.some((matches) => matches(message));
};
const termOf = (word: string | undefined, text: string): Matches => {
  const regex = word === undefined ? undefined : /^%(.+)%$/.exec(word)?.[1];
  if (regex === undefined) return (message) => message.includes(text);
  const compiled = compile(regex);
  return (message) => compiled.test(message);
};
const compile = (regex: string): RegExp => {
  try {
    return new RegExp(regex);
  } catch {
    throw new BadPattern(`Invalid filter pattern: ${regex} is no regular expression`);
  }
};

const TOKEN = /\s*(&&|\|\||[(){}]|!=|<=|>=|=|<|>|\$[\w.[\]"'-]*|"(?:[^"\\]|\\.)*"|%[^%]+%|[^\s(){}=<>!&|]+)/y;

/** `{ ($.level = "ERROR") && ($.ms > 100 || $.user IS NULL) }` */
const parseJsonPattern = (pattern: string): Matches => {
  const tokens = tokensOf(pattern);
  let at = 0;
  const next = () => tokens[at++];
  const expect = (wanted: string) => {
    if (next() !== wanted) throw new BadPattern(`Invalid filter pattern: expected ${wanted}`);
  };
  type Test = (event: unknown) => boolean;
  const either = (): Test => {
    const parts = [both()];
    while (tokens[at] === "||" && ++at) parts.push(both());
    return (event) => parts.some((part) => part(event));
  };
  const both = (): Test => {
    const parts = [one()];
    while (tokens[at] === "&&" && ++at) parts.push(one());
    return (event) => parts.every((part) => part(event));
  };
  const one = (): Test => {
    const token = next();
    if (token === "(") {
      const inside = either();
      expect(")");
      return inside;
    }
    if (!token?.startsWith("$"))
      throw new BadPattern(`Invalid filter pattern: expected a property such as $.name, found ${token ?? "the end"}`);
    return comparison(pathOf(token), next(), next);
  };
  expect("{");
  const test = either();
  expect("}");
  if (at < tokens.length) throw new BadPattern("Invalid filter pattern: something follows the closing brace");
  return (message) => {
    try {
      return test(JSON.parse(message));
    } catch {
      return false;
    }
  };
};

const comparison = (path: string[], operator: string | undefined, next: () => string | undefined): ((event: unknown) => boolean) => {
  const value = (event: unknown) => path.reduce<unknown>((inside, name) => (inside as Record<string, unknown> | undefined)?.[name], event);
  const upper = operator?.toUpperCase();
  if (upper === "IS") {
    const wanted = { NULL: null, TRUE: true, FALSE: false }[next()?.toUpperCase() ?? ""];
    if (wanted === undefined) throw new BadPattern("Invalid filter pattern: IS takes NULL, TRUE or FALSE");
    return (event) => value(event) === wanted;
  }
  if (upper === "NOT") {
    if (next()?.toUpperCase() !== "EXISTS") throw new BadPattern("Invalid filter pattern: expected NOT EXISTS");
    return (event) => value(event) === undefined;
  }
  const operand = next();
  if (operator === undefined || operand === undefined || !["=", "!=", "<", ">", "<=", ">="].includes(operator))
    throw new BadPattern(`Invalid filter pattern: ${operator ?? "the end"} is no comparison`);
  if (operator === "=" || operator === "!=") {
    const same = equality(operand);
    return operator === "=" ? (event) => same(value(event)) : (event) => value(event) !== undefined && !same(value(event));
  }
  const limit = Number(operand);
  if (Number.isNaN(limit)) throw new BadPattern(`Invalid filter pattern: ${operator} compares with a number`);
  const order: Record<string, (n: number) => boolean> = {
    "<": (n) => n < limit,
    ">": (n) => n > limit,
    "<=": (n) => n <= limit,
    ">=": (n) => n >= limit,
  };
  return (event) => {
    const found = value(event);
    return typeof found === "number" && (order[operator] as (n: number) => boolean)(found);
  };
};

/** Equal to a text (in which `*` stands for anything), a number, or a regular expression. */
const equality = (operand: string): ((found: unknown) => boolean) => {
  const regex = /^%(.+)%$/.exec(operand)?.[1];
  if (regex !== undefined) {
    const compiled = compile(regex);
    return (found) => typeof found === "string" && compiled.test(found);
  }
  const text = operand.startsWith('"') ? operand.slice(1, -1).replace(/\\(.)/g, "$1") : operand;
  const number = operand.startsWith('"') ? Number.NaN : Number(operand);
  const wild = new RegExp(
    `^${text
      .split("*")
      .map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"))
      .join(".*")}$`,
    "s",
  );
  return (found) => (typeof found === "number" ? found === number : typeof found === "string" && wild.test(found));
};

const pathOf = (token: string): string[] =>
  [...token.slice(1).matchAll(/\.([\w-]+)|\[(\d+)\]|\[["']([^"']+)["']\]/g)].map(
    ([, name, index, quoted]) => name ?? index ?? quoted ?? "",
  );

const tokensOf = (pattern: string): string[] => {
  const tokens: string[] = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < pattern.trimEnd().length) {
    const found = TOKEN.exec(pattern);
    if (!found) throw new BadPattern("Invalid filter pattern");
    tokens.push(found[1] as string);
  }
  return tokens;
};
