import type * as sdk from "@aws-sdk/client-ssm";
import type { Handlers } from "../../protocols/operations.ts";
import type { Context } from "../service.ts";
import type { Vault } from "../vault.ts";
import { invalid, paged, parameterNotFound } from "./errors.ts";
import { filterOf } from "./filters.ts";
import { find, mustFind, selected, versionsOf } from "./lookups.ts";
import { isBelow } from "./names.ts";
import { arnOf, parameters, type Parameter, type Place, type Version } from "./records.ts";

const metadata = (place: Place, name: string, version: Version) => ({
  Name: name,
  ARN: arnOf(place, name),
  Type: version.type,
  KeyId: version.keyId,
  LastModifiedDate: new Date(version.modified),
  LastModifiedUser: version.by,
  Description: version.description,
  AllowedPattern: version.allowedPattern,
  Version: version.version,
  Tier: version.tier,
  Policies: [],
  DataType: version.dataType,
});

export const readingOperations = ({ store }: Context, vault: Vault): Handlers<typeof sdk> => {
  /** The value as it may be seen: a SecureString only for who asks for it decrypted. */
  const valueOf = (name: string, { type, value }: Version, decrypted: boolean | undefined) =>
    type === "SecureString" && decrypted ? vault.open(value, name) : Promise.resolve(value);
  const shown = async (
    place: Place,
    name: string,
    version: Version,
    decrypted: boolean | undefined,
    selector?: string,
  ): Promise<sdk.Parameter> => ({
    Name: name,
    Type: version.type,
    Value: await valueOf(name, version, decrypted),
    Version: version.version,
    Selector: selector === undefined ? undefined : `:${selector}`,
    LastModifiedDate: new Date(version.modified),
    ARN: arnOf(place, name),
    DataType: version.dataType,
  });
  const everyParameter = (place: Place): Promise<Parameter[]> =>
    store.read((tx) => tx.list(parameters, { prefix: [place.account, place.region] }));

  return {
    GetParameter: async (input, call) => {
      const { found, version } = await store.read(async (tx) => {
        const found = await mustFind(tx, call, input.Name);
        return { found, version: await selected(tx, call, found, found.asked.selector) };
      });
      return { Parameter: await shown(call, found.name, version, input.WithDecryption, found.asked.selector) };
    },
    GetParameters: async (input, call) => {
      const names = input.Names ?? [];
      if (new Set(names).size < names.length) throw invalid("Duplicated names in request.");
      const InvalidParameters: string[] = [];
      const picked = await store.read(async (tx) => {
        const all: { found: Parameter; version: Version; selector?: string }[] = [];
        for (const name of names) {
          const found = await find(tx, call, name);
          const version = found && (await selected(tx, call, found, found.asked.selector).catch(() => undefined));
          if (found && version) all.push({ found, version, selector: found.asked.selector });
          else InvalidParameters.push(name);
        }
        return all;
      });
      const Parameters = await Promise.all(
        picked.map(({ found, version, selector }) => shown(call, found.name, version, input.WithDecryption, selector)),
      );
      return { Parameters, InvalidParameters };
    },
    GetParametersByPath: async (input, call) => {
      const path = input.Path as string;
      if (!path.startsWith("/")) throw invalid("The parameter path must begin with a slash.");
      const wanted = filterOf(input.ParameterFilters ?? [], "GetParametersByPath");
      const below = (await everyParameter(call)).filter(({ name }) => isBelow(name, path, input.Recursive ?? false));
      const label = input.ParameterFilters?.find(({ Key }) => Key === "Label")?.Values;
      const chosen: { name: string; version: Version }[] = [];
      for (const parameter of below) {
        const versions = label ? await store.read((tx) => versionsOf(tx, call, parameter)) : [parameter.latest];
        for (const version of versions) if (wanted(parameter, version)) chosen.push({ name: parameter.name, version });
      }
      const { items, ...rest } = paged(
        chosen,
        ({ name, version }) => `${name}\u0000${String(version.version).padStart(10, "0")}`,
        input.MaxResults ?? 10,
        input.NextToken,
      );
      return { Parameters: await Promise.all(items.map(({ name, version }) => shown(call, name, version, input.WithDecryption))), ...rest };
    },
    DescribeParameters: async (input, call) => {
      const filters = [
        ...(input.ParameterFilters ?? []),
        ...(input.Filters ?? []).map(({ Key, Values }) => ({ Key: Key as string, Option: "BeginsWith", Values })),
      ];
      const wanted = filterOf(filters, "DescribeParameters");
      const all = (await everyParameter(call)).filter((parameter) => wanted(parameter, parameter.latest));
      const { items, ...rest } = paged(all, ({ name }) => name, input.MaxResults ?? 50, input.NextToken);
      return { Parameters: items.map(({ name, latest }) => metadata(call, name, latest)), ...rest };
    },
    GetParameterHistory: async (input, call) => {
      const { found, versions } = await store.read(async (tx) => {
        const found = await mustFind(tx, call, input.Name);
        return { found, versions: await versionsOf(tx, call, found) };
      });
      if (found.asked.selector !== undefined) throw parameterNotFound();
      const { items, ...rest } = paged(
        versions,
        ({ version }) => String(version).padStart(10, "0"),
        input.MaxResults ?? 50,
        input.NextToken,
      );
      const Parameters = await Promise.all(
        items.map(async (version) => {
          const { ARN: _, ...described } = metadata(call, found.name, version);
          return { ...described, Value: await valueOf(found.name, version, input.WithDecryption), Labels: [...version.labels] };
        }),
      );
      return { Parameters, ...rest };
    },
  };
};
