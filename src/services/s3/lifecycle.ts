/** The rules by which a bucket's content expires: their form, and what they say of one version. Pure. */
import type { BucketLifecycleConfiguration, LifecycleRule as WireRule } from "@aws-sdk/client-s3";
import { ServiceError } from "../../protocols/operations.ts";
import { invalidArgument, malformedXml, notBuilt } from "./errors.ts";
import type { Tags, Upload, Version } from "./records.ts";

export interface Filter {
  readonly prefix?: string;
  readonly tags: Tags;
  readonly greaterThan?: number;
  readonly lessThan?: number;
}
export interface Rule {
  readonly id: string;
  readonly enabled: boolean;
  readonly filter: Filter;
  /** How it was written, to be shown so: `Prefix` beside the filter, `And` within it. */
  readonly form: "prefix" | "filter" | "and";
  readonly expiration?: { readonly days?: number; readonly date?: string; readonly markers?: boolean };
  readonly noncurrent?: { readonly days: number; readonly keep: number };
  readonly abortDays?: number;
}

const dayMs = 86_400_000;
const positive = (name: string, value: number | undefined): void => {
  if (value !== undefined && (!Number.isInteger(value) || value < 1))
    throw invalidArgument(name, String(value), `'${name}' for Expiration action must be a positive integer`);
};

export const rulesIn = (configuration: BucketLifecycleConfiguration | undefined, newId: () => string): Rule[] => {
  const wire = configuration?.Rules ?? [];
  if (wire.length === 0 || wire.length > 1000) throw malformedXml();
  const rules = wire.map((rule) => ruleIn(rule, newId));
  if (new Set(rules.map(({ id }) => id)).size < rules.length)
    throw invalidArgument("ID", "", "Rule ID must be unique. Found same ID for more than one rule");
  return rules;
};

const ruleIn = (wire: WireRule, newId: () => string): Rule => {
  // Objects do not move between classes here, so rules that move them are not taken.
  if (wire.Transitions?.length || wire.NoncurrentVersionTransitions?.length)
    throw notBuilt("Moving objects to other storage classes by lifecycle rules");
  if ((wire.Filter === undefined) === (wire.Prefix === undefined)) throw malformedXml();
  const { Expiration, NoncurrentVersionExpiration, AbortIncompleteMultipartUpload } = wire;
  const days = Expiration?.Days;
  positive("Days", days);
  positive("NoncurrentDays", NoncurrentVersionExpiration?.NoncurrentDays);
  positive("DaysAfterInitiation", AbortIncompleteMultipartUpload?.DaysAfterInitiation);
  if (Expiration && [days, Expiration.Date, Expiration.ExpiredObjectDeleteMarker].filter((one) => one !== undefined).length !== 1)
    throw malformedXml();
  if (Expiration?.Date && Expiration.Date.getTime() % dayMs !== 0)
    throw invalidArgument("Date", Expiration.Date.toISOString(), "'Date' must be at midnight GMT");
  if (NoncurrentVersionExpiration && NoncurrentVersionExpiration.NoncurrentDays === undefined) throw malformedXml();
  if (!Expiration && !NoncurrentVersionExpiration && !AbortIncompleteMultipartUpload)
    throw new ServiceError("InvalidRequest", "At least one action needs to be specified in a rule", 400);
  if (wire.Status !== "Enabled" && wire.Status !== "Disabled") throw malformedXml();
  return {
    id: wire.ID || newId(),
    enabled: wire.Status === "Enabled",
    ...filterIn(wire),
    ...(Expiration && {
      expiration: {
        ...(days !== undefined && { days }),
        ...(Expiration.Date && { date: Expiration.Date.toISOString() }),
        ...(Expiration.ExpiredObjectDeleteMarker !== undefined && { markers: Expiration.ExpiredObjectDeleteMarker }),
      },
    }),
    ...(NoncurrentVersionExpiration && {
      noncurrent: {
        days: NoncurrentVersionExpiration.NoncurrentDays as number,
        keep: NoncurrentVersionExpiration.NewerNoncurrentVersions ?? 0,
      },
    }),
    ...(AbortIncompleteMultipartUpload && { abortDays: AbortIncompleteMultipartUpload.DaysAfterInitiation as number }),
  };
};
const filterIn = ({ Prefix, Filter }: WireRule): { filter: Filter; form: Rule["form"] } => {
  if (Prefix !== undefined) return { filter: { prefix: Prefix, tags: [] }, form: "prefix" };
  const from = Filter?.And ?? Filter ?? {};
  const tags = Filter?.And ? (Filter.And.Tags ?? []) : Filter?.Tag ? [Filter.Tag] : [];
  return {
    filter: {
      ...(from.Prefix !== undefined && { prefix: from.Prefix }),
      tags: tags.map(({ Key, Value }) => [Key ?? "", Value ?? ""] as const),
      ...(from.ObjectSizeGreaterThan !== undefined && { greaterThan: from.ObjectSizeGreaterThan }),
      ...(from.ObjectSizeLessThan !== undefined && { lessThan: from.ObjectSizeLessThan }),
    },
    form: Filter?.And ? "and" : "filter",
  };
};

export const asWire = (rule: Rule): WireRule => {
  const { prefix, tags, greaterThan, lessThan } = rule.filter;
  const set = tags.map(([Key, Value]) => ({ Key, Value }));
  const common = {
    ...(prefix !== undefined && { Prefix: prefix }),
    ...(greaterThan !== undefined && { ObjectSizeGreaterThan: greaterThan }),
    ...(lessThan !== undefined && { ObjectSizeLessThan: lessThan }),
  };
  const filter =
    rule.form === "prefix"
      ? { Prefix: prefix ?? "" }
      : {
          Filter:
            rule.form === "and"
              ? { And: { ...common, ...(set.length > 0 && { Tags: set }) } }
              : { ...common, ...(set[0] && { Tag: set[0] }) },
        };
  const { expiration, noncurrent, abortDays } = rule;
  return {
    ID: rule.id,
    Status: rule.enabled ? "Enabled" : "Disabled",
    ...filter,
    ...(expiration && {
      Expiration: {
        ...(expiration.days !== undefined && { Days: expiration.days }),
        ...(expiration.date !== undefined && { Date: new Date(expiration.date) }),
        ...(expiration.markers !== undefined && { ExpiredObjectDeleteMarker: expiration.markers }),
      },
    }),
    ...(noncurrent && {
      NoncurrentVersionExpiration: {
        NoncurrentDays: noncurrent.days,
        ...(noncurrent.keep > 0 && { NewerNoncurrentVersions: noncurrent.keep }),
      },
    }),
    ...(abortDays !== undefined && { AbortIncompleteMultipartUpload: { DaysAfterInitiation: abortDays } }),
  };
};

/** Days count from the moment, and end at the next midnight UTC. */
const passed = (since: string, days: number, now: Date): boolean => {
  const due = new Date(since).getTime() + days * dayMs;
  return now.getTime() >= Math.ceil(due / dayMs) * dayMs;
};
export const nextMidnight = (now: Date): Date => new Date((Math.floor(now.getTime() / dayMs) + 1) * dayMs);

const matches = ({ prefix = "", tags, greaterThan, lessThan }: Filter, version: Version): boolean => {
  if (!version.key.startsWith(prefix)) return false;
  const sized = greaterThan !== undefined || lessThan !== undefined;
  if (version.deleteMarker) return tags.length === 0 && !sized;
  if (greaterThan !== undefined && version.size <= greaterThan) return false;
  if (lessThan !== undefined && version.size >= lessThan) return false;
  return tags.every(([key, value]) => version.tags.some(([k, v]) => k === key && v === value));
};

/** Where a version stands among those of its key. */
export interface Standing {
  /** When the next newer one came; absent for the latest. */
  readonly replaced?: string;
  /** How many noncurrent ones are newer. */
  readonly newer: number;
  readonly alone: boolean;
}
/** `expire`: as a deletion without version id does it. `delete`: this version, for good. */
export const judge = (rules: readonly Rule[], version: Version, standing: Standing, now: Date): "keep" | "expire" | "delete" => {
  for (const { enabled, filter, expiration, noncurrent } of rules) {
    if (!enabled || !matches(filter, version)) continue;
    if (standing.replaced !== undefined) {
      if (noncurrent && standing.newer >= noncurrent.keep && passed(standing.replaced, noncurrent.days, now)) return "delete";
    } else if (expiration) {
      const due =
        (expiration.days !== undefined && passed(version.modified, expiration.days, now)) ||
        (expiration.date !== undefined && now.getTime() >= new Date(expiration.date).getTime());
      if (!version.deleteMarker && due) return "expire";
      if (version.deleteMarker && standing.alone && (expiration.markers || due)) return "delete";
    }
  }
  return "keep";
};
export const abandoned = (rules: readonly Rule[], upload: Pick<Upload, "key" | "started">, now: Date): boolean =>
  rules.some(
    ({ enabled, filter, abortDays }) =>
      enabled && abortDays !== undefined && upload.key.startsWith(filter.prefix ?? "") && passed(upload.started, abortDays, now),
  );
