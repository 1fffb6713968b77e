import type * as sdk from "@aws-sdk/client-secrets-manager";
import { type Handlers, ServiceError } from "../../protocols/operations.ts";
import type { Call, Context } from "../service.ts";
import type { Vault } from "../vault.ts";
import { openContent } from "./contents.ts";
import { invalid, notFound, paged } from "./errors.ts";
import { filterOf } from "./filters.ts";
import { mustFind } from "./lookups.ts";
import { BadRules, randomPassword } from "./passwords.ts";
import { arnOf, keyOf, type Place, type Secret, secrets, values } from "./records.ts";
import { tagList } from "./tags.ts";

const current = "AWSCURRENT";

const described = (place: Place, secret: Secret) => ({
  ARN: arnOf(place, secret),
  Name: secret.name,
  Description: secret.description,
  LastChangedDate: new Date(secret.changed),
  CreatedDate: new Date(secret.created),
  DeletedDate: secret.deletion && new Date(secret.deletion.asked),
  Tags: tagList(secret.tags),
});
const stagesOf = ({ versions }: Secret) =>
  Object.fromEntries(versions.filter(({ stages }) => stages.length > 0).map(({ id, stages }) => [id, [...stages]]));

export const readingOperations = ({ store }: Context, vault: Vault): Handlers<typeof sdk> => {
  const valueOf = async (call: Call, input: { SecretId?: string; VersionId?: string; VersionStage?: string }) => {
    const { secret, version, value } = await store.read(async (tx) => {
      const secret = await mustFind(tx, call, input.SecretId);
      const { VersionId, VersionStage } = input;
      const stage = VersionStage ?? (VersionId === undefined ? current : undefined);
      const version = secret.versions.find(
        ({ id, stages }) => (VersionId === undefined || id === VersionId) && (stage === undefined || stages.includes(stage)),
      );
      const missing = VersionId === undefined ? `staging label: ${stage}` : `VersionId: ${VersionId}`;
      const value = version && (await tx.get(values, [...keyOf(call, secret.name), version.id]));
      if (!version || !value) throw notFound(`Secrets Manager can't find the specified secret value for ${missing}`);
      return { secret, version, value };
    });
    return {
      ARN: arnOf(call, secret),
      Name: secret.name,
      VersionId: version.id,
      VersionStages: [...version.stages],
      CreatedDate: new Date(version.created),
      ...(await openContent(vault, call, secret.name, version.id, value)),
    };
  };
  const listed = async (call: Call, filters: readonly sdk.Filter[] | undefined) => {
    const wanted = filterOf(filters ?? []);
    return (await store.read((tx) => tx.list(secrets, { prefix: [call.account, call.region] }))).filter(wanted);
  };

  return {
    GetSecretValue: (input, call) => valueOf(call, input),
    BatchGetSecretValue: async (input, call) => {
      const { SecretIdList: ids, Filters: filters } = input;
      if ((ids === undefined) === (filters === undefined)) throw invalid("Either SecretIdList or Filters must be provided, but not both.");
      const wanted = ids ?? (await listed(call, filters)).filter(({ deletion }) => !deletion).map(({ name }) => name);
      const { items, ...rest } = ids ? { items: wanted } : paged(wanted, (name) => name, input.MaxResults ?? 20, input.NextToken);
      const SecretValues: sdk.SecretValueEntry[] = [];
      const Errors: sdk.APIErrorType[] = [];
      for (const SecretId of items)
        try {
          SecretValues.push(await valueOf(call, { SecretId }));
        } catch (error) {
          const { name, message } = error as Error;
          if (!(error instanceof ServiceError) && !("$fault" in (error as object))) throw error;
          Errors.push({ SecretId, ErrorCode: name, Message: message });
        }
      return { SecretValues, Errors, ...rest };
    },
    DescribeSecret: (input, call) =>
      store.read(async (tx) => {
        const secret = await mustFind(tx, call, input.SecretId, "deleted too");
        return { ...described(call, secret), RotationEnabled: undefined, VersionIdsToStages: stagesOf(secret) };
      }),
    ListSecrets: async (input, call) => {
      const all = (await listed(call, input.Filters)).filter(({ deletion }) => input.IncludePlannedDeletion || !deletion);
      // Oldest first means the pages' own order by name turned into an order by age.
      const newestFirst = input.SortOrder !== "asc";
      const aged = [...all].sort((one, other) => (one.created < other.created ? -1 : one.created > other.created ? 1 : 0));
      if (newestFirst) aged.reverse();
      const places = new Map(aged.map((secret, index) => [secret.name, String(index).padStart(10, "0")]));
      const { items, ...rest } = paged(aged, ({ name }) => places.get(name) as string, input.MaxResults ?? 100, input.NextToken);
      return { SecretList: items.map((secret) => ({ ...described(call, secret), SecretVersionsToStages: stagesOf(secret) })), ...rest };
    },
    ListSecretVersionIds: (input, call) =>
      store.read(async (tx) => {
        const secret = await mustFind(tx, call, input.SecretId, "deleted too");
        const wanted = secret.versions.filter(({ stages }) => input.IncludeDeprecated || stages.length > 0);
        const { items, ...rest } = paged(wanted, ({ id }) => id, input.MaxResults ?? 100, input.NextToken);
        return {
          ARN: arnOf(call, secret),
          Name: secret.name,
          Versions: items.map(({ id, stages, created }) => ({ VersionId: id, VersionStages: [...stages], CreatedDate: new Date(created) })),
          ...rest,
        };
      }),
    GetRandomPassword: (input) => {
      try {
        return {
          RandomPassword: randomPassword({
            length: input.PasswordLength ?? 32,
            excluded: input.ExcludeCharacters ?? "",
            numbers: !input.ExcludeNumbers,
            punctuation: !input.ExcludePunctuation,
            upper: !input.ExcludeUppercase,
            lower: !input.ExcludeLowercase,
            space: input.IncludeSpace ?? false,
            eachKind: input.RequireEachIncludedType ?? true,
          }),
        };
      } catch (error) {
        if (error instanceof BadRules) throw invalid(error.message);
        throw error;
      }
    },
  };
};
