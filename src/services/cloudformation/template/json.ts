import { type Path, type Places, placeKey, TemplateError, type Value } from "./value.ts";

/** Reads JSON, remembers the line of every value, and refuses what `JSON.parse` lets pass: a key given twice. */
export const readJson = (text: string): { value: Value; places: Places } => {
  const places = new Map<string, number>();
  let at = 0;
  let line = 1;
  let lineStart = 0;

  const fail = (why: string): never => {
    throw new TemplateError(`Template format error: JSON not well-formed. (line ${line}, column ${at - lineStart + 1}): ${why}`);
  };
  const space = () => {
    for (; at < text.length; at++) {
      const character = text[at];
      if (character === "\n") {
        line++;
        lineStart = at + 1;
      } else if (character !== " " && character !== "\t" && character !== "\r") return;
    }
  };
  const string = (): string => {
    const start = at++;
    for (; at < text.length && text[at] !== '"'; at++) {
      if (text[at] === "\\") at++;
      else if (text[at] === "\n") fail("a string ends with its line");
    }
    if (at >= text.length) fail("a string does not end");
    at++;
    try {
      return JSON.parse(text.slice(start, at)) as string;
    } catch {
      at = start;
      return fail("a string holds an invalid escape or a control character");
    }
  };
  const literal = (path: Path): Value => {
    const word = /[^\s,\]}]*/y;
    word.lastIndex = at;
    const source = word.exec(text)?.[0] ?? "";
    if (source === "true" || source === "false") {
      at += source.length;
      return source === "true";
    }
    if (source === "null")
      throw new TemplateError(`Template format error: [/${path.join("/")}] 'null' values are not allowed in templates (line ${line})`);
    if (!/^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$/.test(source))
      fail(at < text.length ? `unexpected ${JSON.stringify(text[at])}` : "the text ends too early");
    at += source.length;
    // A number is kept as text where a double would change it: account numbers, versions such as 1.0.
    return String(Number(source)) === source ? Number(source) : source;
  };
  const value = (path: Path, depth: number): Value => {
    if (depth > 200) fail("nested too deeply");
    space();
    places.set(placeKey(path), line);
    if (text[at] === '"') return string();
    if (text[at] === "{") {
      const map: Record<string, Value> = {};
      at++;
      space();
      if (text[at] === "}") {
        at++;
        return map;
      }
      for (;;) {
        space();
        if (text[at] !== '"') fail("expected a key in double quotes");
        const key = string();
        if (Object.hasOwn(map, key) || key === "__proto__") fail(`duplicate key ${JSON.stringify(key)} in /${path.join("/")}`);
        space();
        if (text[at] !== ":") fail(`expected ':' after the key ${JSON.stringify(key)}`);
        at++;
        map[key] = value([...path, key], depth + 1);
        space();
        if (text[at] === ",") at++;
        else if (text[at] === "}") {
          at++;
          return map;
        } else fail(`expected ',' or '}' after the value of ${JSON.stringify(key)}`);
      }
    }
    if (text[at] === "[") {
      const list: Value[] = [];
      at++;
      space();
      if (text[at] === "]") {
        at++;
        return list;
      }
      for (;;) {
        list.push(value([...path, list.length], depth + 1));
        space();
        if (text[at] === ",") at++;
        else if (text[at] === "]") {
          at++;
          return list;
        } else fail("expected ',' or ']' in a list");
      }
    }
    return literal(path);
  };

  const result = value([], 0);
  space();
  if (at < text.length) fail("something follows the end of the document");
  return { value: result, places };
};
