import type * as sdk from "@aws-sdk/client-lambda";
import { randomUUID } from "node:crypto";
import type { Handlers } from "../../protocols/operations.ts";
import type { Writing } from "../../store/store.ts";
import { invalid } from "./errors.ts";
import { checkRevision, functionOf, paged, target } from "./lookups.ts";
import { versionKey } from "./names.ts";
import { functions, type StoredFunction, type Version, versions } from "./records.ts";
import { configurationShape } from "./shapes.ts";
import type { Place, World } from "./world.ts";

/** The version that `$LATEST` now is: the last one again when nothing has changed since. */
export const publish = async (tx: Writing, place: Place, stored: StoredFunction, description?: string): Promise<Version> => {
  const key = [place.account, place.region, stored.name];
  const last = stored.published === 0 ? undefined : await tx.get(versions, [...key, versionKey(stored.published)]);
  if (last?.fingerprint === stored.fingerprint) return last;
  const number = stored.published + 1;
  const { name, code, lastModified, fingerprint } = stored;
  const configuration = description === undefined ? stored.configuration : { ...stored.configuration, description };
  const version: Version = { name, version: String(number), configuration, code, lastModified, revisionId: randomUUID(), fingerprint };
  await tx.put(functions, key, { ...stored, published: number });
  await tx.put(versions, [...key, versionKey(number)], version);
  return version;
};

export const versionOperations = ({ context: { store } }: World): Handlers<typeof sdk> => ({
  async PublishVersion(input, call) {
    const wanted = target(call, input.FunctionName);
    const version = await store.write(async (tx) => {
      const stored = await functionOf(tx, call, wanted);
      checkRevision(input.RevisionId, stored);
      if (input.CodeSha256 && input.CodeSha256 !== stored.code.sha256)
        throw invalid(
          `CodeSHA256 (${input.CodeSha256}) is different from current CodeSHA256 in $LATEST (${stored.code.sha256}). Please try again with the CodeSHA256 in $LATEST.`,
        );
      return publish(tx, call, stored, input.Description);
    });
    return { ...configurationShape(call, version, version.version), $metadata: { httpStatusCode: 201 } };
  },

  async ListVersionsByFunction(input, call) {
    const wanted = target(call, input.FunctionName);
    const all = await store.read(async (tx): Promise<Version[]> => {
      const stored = await functionOf(tx, call, wanted);
      return [stored, ...(await tx.list(versions, { prefix: [call.account, call.region, stored.name] }))];
    });
    const { items, NextMarker } = paged(all, ({ version }) => (version === "$LATEST" ? "" : versionKey(version)), input);
    return { Versions: items.map((version) => configurationShape(call, version, version.version)), NextMarker };
  },
});
