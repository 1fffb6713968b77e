import { randomUUID } from "node:crypto";
import type * as sdk from "@aws-sdk/client-secrets-manager";
import type { Handlers } from "../../protocols/operations.ts";
import type { Call, Context } from "../service.ts";
import type { Vault } from "../vault.ts";
import { type Content, contentOf, isRepeat, openContent, putValue, sealContent } from "./contents.ts";
import { exists, invalid, invalidRequest, notFound, notImplemented } from "./errors.ts";
import { checkName, find, keep, mustFind, newSuffix } from "./lookups.ts";
import { arnOf, keyOf, type Secret, secrets, values } from "./records.ts";
import { withoutStage, withStages } from "./stages.ts";
import { tagsOf } from "./tags.ts";

const defaultKey = "alias/aws/secretsmanager";
const current = "AWSCURRENT";

const refuseUnbuilt = (input: { KmsKeyId?: string; AddReplicaRegions?: unknown[]; Type?: string }) => {
  if (input.KmsKeyId !== undefined && input.KmsKeyId !== "" && input.KmsKeyId !== defaultKey)
    throw notImplemented(`A KMS key of one's own (${input.KmsKeyId})`);
  if (input.AddReplicaRegions !== undefined && input.AddReplicaRegions.length > 0) throw notImplemented("AddReplicaRegions");
};

export const secretOperations = ({ store, clock }: Context, vault: Vault): Handlers<typeof sdk> => {
  /** What that version holds already: opened outside of any transaction. */
  const contentBefore = async (call: Call, id: string, version: string): Promise<Content | undefined> => {
    const found = await store.read(async (tx) => {
      const secret = await find(tx, call, id);
      const value = secret && (await tx.get(values, [...keyOf(call, secret.name), version]));
      return secret && value && { name: secret.name, value };
    });
    if (!found) return undefined;
    return contentOf(await openContent(vault, call, found.name, version, found.value));
  };
  /** A new version with those labels, or the old one when the same request came before. */
  const addVersion = async (
    call: Call,
    id: string,
    input: { ClientRequestToken?: string; SecretString?: string; SecretBinary?: Uint8Array },
    stages: readonly string[],
    change: (secret: Secret) => Secret = (secret) => secret,
  ) => {
    const content = contentOf(input);
    const token = input.ClientRequestToken ?? randomUUID();
    const before = content && (await contentBefore(call, id, token));
    const name = await store.read(async (tx) => (await mustFind(tx, call, id)).name);
    const sealed = content && (await sealContent(vault, call, name, token, content));
    return store.write(async (tx) => {
      const now = clock.now().toISOString();
      const secret = change({ ...(await mustFind(tx, call, name)), changed: now });
      if (!content || !sealed) {
        await keep(tx, call, secret);
        return { ARN: arnOf(call, secret), Name: name };
      }
      const repeated = isRepeat(call, secret, token, before, content);
      const versions = repeated
        ? secret.versions
        : withStages([...secret.versions, { id: token, created: now, stages: [] }], token, stages);
      if (!repeated) await putValue(tx, call, name, token, sealed);
      const kept = await keep(tx, call, { ...secret, versions });
      return {
        ARN: arnOf(call, kept),
        Name: name,
        VersionId: token,
        VersionStages: [...(kept.versions.find((one) => one.id === token)?.stages ?? [])],
      };
    });
  };

  return {
    CreateSecret: async (input, call) => {
      refuseUnbuilt(input);
      const name = input.Name as string;
      checkName(name);
      const content = contentOf(input);
      const token = input.ClientRequestToken ?? randomUUID();
      const sealed = content && (await sealContent(vault, call, name, token, content));
      const before = content && (await contentBefore(call, name, token));
      return store.write(async (tx) => {
        const now = clock.now().toISOString();
        const known = await tx.get(secrets, keyOf(call, name));
        if (known?.deletion)
          throw invalidRequest("You can't create this secret because a secret with this name is already scheduled for deletion.");
        if (known) {
          const same = content && known.versions.some(({ id }) => id === token) && isRepeat(call, known, token, before, content);
          if (!same) throw exists(`The operation failed because the secret ${name} already exists.`);
          return { ARN: arnOf(call, known), Name: name, VersionId: token };
        }
        const secret: Secret = {
          name,
          suffix: newSuffix(),
          description: input.Description,
          created: now,
          changed: now,
          tags: tagsOf(input.Tags),
          versions: content ? [{ id: token, created: now, stages: [current] }] : [],
        };
        await tx.put(secrets, keyOf(call, name), secret);
        if (sealed) await putValue(tx, call, name, token, sealed);
        return { ARN: arnOf(call, secret), Name: name, VersionId: sealed && token };
      });
    },
    PutSecretValue: (input, call) => {
      if (input.SecretString === undefined && input.SecretBinary === undefined)
        throw invalid("You must provide either SecretString or SecretBinary.");
      return addVersion(call, input.SecretId as string, input, input.VersionStages ?? [current]);
    },
    UpdateSecret: async (input, call) => {
      refuseUnbuilt(input);
      const { VersionStages: _, ...answer } = await addVersion(call, input.SecretId as string, input, [current], (secret) => ({
        ...secret,
        description: input.Description ?? secret.description,
      }));
      return answer;
    },
    UpdateSecretVersionStage: (input, call) =>
      store.write(async (tx) => {
        const secret = await mustFind(tx, call, input.SecretId);
        const { VersionStage: stage = "", RemoveFromVersionId: from, MoveToVersionId: to } = input;
        for (const id of [from, to])
          if (id !== undefined && !secret.versions.some((version) => version.id === id))
            throw notFound(`Secrets Manager can't find the specified secret value for VersionId: ${id}`);
        const holder = secret.versions.find(({ stages }) => stages.includes(stage))?.id;
        if (from !== undefined && from !== holder) throw invalid(`The staging label ${stage} is not attached to version ${from}.`);
        if (to !== undefined && holder !== undefined && holder !== to && from === undefined)
          throw invalid(
            `The parameter RemoveFromVersionId can't be empty. Staging label ${stage} is currently attached to version ${holder}, so you must explicitly reference that version in RemoveFromVersionId.`,
          );
        if (to === undefined && stage === current)
          throw invalid(`You can't remove the staging label ${current}: move it to another version.`);
        const versions =
          to === undefined
            ? from === undefined
              ? secret.versions
              : withoutStage(secret.versions, from, stage)
            : withStages(secret.versions, to, [stage]);
        await keep(tx, call, { ...secret, versions, changed: clock.now().toISOString() });
        return { ARN: arnOf(call, secret), Name: secret.name };
      }),
  };
};
