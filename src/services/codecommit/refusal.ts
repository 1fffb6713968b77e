/** Which updates of references a repository takes. */
import type { Reading } from "../../store/store.ts";
import type { ObjectType } from "./objects.ts";
import type { RefUpdate } from "./receive-request.ts";
import { ownKey, type Ref, type Repository, refs } from "./records.ts";
import { branchRef, heads, isRefName, noObject, parentsOf } from "./refs.ts";

/** Why this update cannot be; undefined: it can. */
export const refusal = async (
  tx: Reading,
  repository: Repository,
  { ref, from, to }: RefUpdate,
  types: ReadonlyMap<string, ObjectType>,
): Promise<string | undefined> => {
  if (!isRefName(ref)) return "funny refname";
  const there = (await tx.get(refs, ownKey(repository, ref)))?.target;
  if ((there ?? noObject) !== from)
    return there === undefined ? "reference does not exist" : from === noObject ? "reference already exists" : "fetch first";
  if (to === noObject)
    return repository.defaultBranch !== undefined && ref === branchRef(repository.defaultBranch)
      ? "deletion of the current branch prohibited"
      : undefined;
  const type = types.get(to);
  if (type === undefined) return "missing necessary objects";
  if (ref.startsWith(heads) && type !== "commit") return "trying to write non-commit object to branch";
  if (there !== undefined) return undefined;
  for (const parent of parentsOf(ref))
    if (await tx.get(refs, ownKey(repository, parent))) return `'${parent}' exists; cannot create '${ref}'`;
  const [below] = await tx.entries<Ref>(refs, { prefix: ownKey(repository), after: ownKey(repository, `${ref}/`), limit: 1 });
  if (below?.key[3].startsWith(`${ref}/`)) return `'${below.key[3]}' exists; cannot create '${ref}'`;
  return undefined;
};
