/** Patterns of artifacts and caches: pure. `*` stays in one folder, `**` does not; names that begin with a dot are like others. */

export const globPattern = (glob: string): RegExp => {
  let source = "";
  let braces = 0;
  for (let i = 0; i < glob.length; i++) {
    const char = glob[i] as string;
    if (glob.startsWith("**/", i) && (i === 0 || glob[i - 1] === "/")) {
      source += "(?:[^/]+/)*";
      i += 2;
    } else if (glob.startsWith("**", i)) {
      source += ".*";
      i++;
    } else if (char === "*") source += "[^/]*";
    else if (char === "?") source += "[^/]";
    else if (char === "[" && glob.indexOf("]", i + 2) > 0) {
      const close = glob.indexOf("]", i + 2);
      source += `[${glob
        .slice(i + 1, close)
        .replace(/^!/, "^")
        .replaceAll("\\", "\\\\")}]`;
      i = close;
    } else if (char === "{" && glob.indexOf("}", i) > 0) {
      source += "(?:";
      braces++;
    } else if (char === "}" && braces > 0) {
      source += ")";
      braces--;
    } else if (char === "," && braces > 0) source += "|";
    else source += char.replace(/[\\^$.|+()[\]{}]/, "\\$&");
  }
  return new RegExp(`^${source}$`, "s");
};

export const isGlob = (text: string): boolean => /[*?[{]/.test(text);

/** The folders before the first wildcard: `a/b/*.c` → `a/b`. A pattern without wildcards is all folder. */
export const literalPrefix = (glob: string): string => {
  const parts = glob.split("/");
  const first = parts.findIndex(isGlob);
  return first < 0 ? glob : parts.slice(0, first).join("/");
};

/** `./a//b/../c` → `a/c`. */
export const plainPath = (path: string): string => {
  const parts: string[] = [];
  for (const part of path.split("/")) {
    if (part === "" || part === ".") continue;
    if (part === "..") parts.pop();
    else parts.push(part);
  }
  return (path.startsWith("/") ? "/" : "") + parts.join("/");
};
