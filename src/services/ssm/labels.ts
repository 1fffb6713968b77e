import * as sdk from "@aws-sdk/client-ssm";
import type { Handlers } from "../../protocols/operations.ts";
import type { Writing } from "../../store/store.ts";
import type { Call, Context } from "../service.ts";
import { versionNotFound } from "./errors.ts";
import { mustFind, versionsOf } from "./lookups.ts";
import { keyOf, type Parameter, parameters, past, pastKeyOf, type Version } from "./records.ts";

const labelsPerVersion = 10;
const isLabel = (label: string) => /^[A-Za-z0-9_.-]{1,100}$/.test(label) && !/^(\d|aws|ssm)/i.test(label);

const put = async (tx: Writing, call: Call, { name, tags, latest }: Parameter, version: Version) => {
  if (version.version === latest.version) await tx.put(parameters, keyOf(call, name), { name, tags, latest: version });
  else await tx.put(past, pastKeyOf(call, name, version.version), version);
};

export const labelOperations = ({ store }: Context): Handlers<typeof sdk> => ({
  LabelParameterVersion: (input, call) =>
    store.write(async (tx) => {
      const found = await mustFind(tx, call, input.Name);
      const number = input.ParameterVersion ?? found.latest.version;
      const versions = await versionsOf(tx, call, found);
      const target = versions.find(({ version }) => version === number);
      if (!target) throw versionNotFound(found.name, String(number));
      const [good, bad] = [input.Labels?.filter(isLabel) ?? [], input.Labels?.filter((label) => !isLabel(label)) ?? []];
      const labels = [...new Set([...target.labels, ...good])];
      if (labels.length > labelsPerVersion)
        throw new sdk.ParameterVersionLabelLimitExceeded({
          message: `A parameter version can have a maximum of ${labelsPerVersion} labels.`,
          $metadata: {},
        });
      let current: Parameter = found;
      for (const version of versions) {
        const next = version === target ? labels : version.labels.filter((label) => !good.includes(label));
        if (next.length === version.labels.length && version !== target) continue;
        const changed = { ...version, labels: next };
        await put(tx, call, current, changed);
        if (changed.version === current.latest.version) current = { ...current, latest: changed };
      }
      return { InvalidLabels: bad, ParameterVersion: number };
    }),
  UnlabelParameterVersion: (input, call) =>
    store.write(async (tx) => {
      const found = await mustFind(tx, call, input.Name);
      const target = (await versionsOf(tx, call, found)).find(({ version }) => version === input.ParameterVersion);
      if (!target) throw versionNotFound(found.name, String(input.ParameterVersion));
      const wanted = input.Labels ?? [];
      await put(tx, call, found, { ...target, labels: target.labels.filter((label) => !wanted.includes(label)) });
      return {
        RemovedLabels: wanted.filter((label) => target.labels.includes(label)),
        InvalidLabels: wanted.filter((label) => !target.labels.includes(label)),
      };
    }),
});
