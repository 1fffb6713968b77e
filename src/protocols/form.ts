/** `Tags.member.1.Key=a` → `{ Tags: { member: [{ Key: "a" }] } }`: the tree that the SDK's XML reader also gets from XML. */
export function formTree(pairs: readonly (readonly [string, string])[]): unknown {
  const root: Tree = Object.create(null);
  for (const [key, value] of pairs) {
    if (key === "Action" || key === "Version") continue;
    const parts = key.split(".");
    const last = parts.pop() as string;
    let node = root;
    for (const part of parts) {
      const next = node[part];
      node = typeof next === "object" ? next : (node[part] = Object.create(null) as Tree);
    }
    node[last] = value;
  }
  return fold(root);
}

interface Tree {
  [key: string]: Tree | string;
}

function fold(node: Tree | string): unknown {
  if (typeof node === "string") return node;
  const keys = Object.keys(node);
  if (keys.length > 0 && keys.every((key) => /^\d+$/.test(key)))
    return keys.sort((a, b) => Number(a) - Number(b)).map((key) => fold(node[key] as Tree));
  const folded: Record<string, unknown> = Object.create(null);
  for (const key of keys) folded[key] = fold(node[key] as Tree);
  return folded;
}
