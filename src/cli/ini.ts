/** The text of an INI file with that section replaced, or added at its end; all else stays as it is. */
export const replaceSections = (text: string, section: string, values: Readonly<Record<string, string>>): string => {
  const kept: string[] = [];
  let inside = false;
  for (const line of text.split("\n")) {
    const head = /^\s*\[([^\]]+)\]/.exec(line);
    if (head) inside = head[1]?.trim() === section;
    if (!inside) kept.push(line);
  }
  const rest = kept.join("\n").trimEnd();
  const written = [`[${section}]`, ...Object.entries(values).map(([key, value]) => `${key} = ${value}`), ""].join("\n");
  return rest === "" ? written : `${rest}\n\n${written}`;
};
