/** Lifecycle rules as templates write them → as S3's API does. */
import type { LifecycleRule, Tag } from "@aws-sdk/client-s3";

// biome-ignore lint/suspicious/noExplicitAny: checked against the specification before it comes here
type Rule = Record<string, any>;
const date = (value: string | undefined) => (value === undefined ? undefined : new Date(value));
const transition = ({ TransitionInDays, TransitionDate, StorageClass }: Rule) => ({
  Days: TransitionInDays,
  Date: date(TransitionDate),
  StorageClass,
});
const olderTransition = ({ TransitionInDays, StorageClass, NewerNoncurrentVersions }: Rule) => ({
  NoncurrentDays: TransitionInDays,
  StorageClass,
  NewerNoncurrentVersions,
});

export const lifecycleRules = (rules: readonly Rule[]): LifecycleRule[] =>
  rules.map((rule) => {
    const tags = (rule.TagFilters ?? []) as Tag[];
    const size = {
      ObjectSizeGreaterThan: rule.ObjectSizeGreaterThan && Number(rule.ObjectSizeGreaterThan),
      ObjectSizeLessThan: rule.ObjectSizeLessThan && Number(rule.ObjectSizeLessThan),
    };
    const sizes = Object.values(size).filter((value) => value !== undefined).length;
    const prefix = rule.Prefix as string | undefined;
    const several = tags.length + sizes + (prefix === undefined ? 0 : 1) > 1;
    const older =
      rule.NoncurrentVersionExpiration ??
      (rule.NoncurrentVersionExpirationInDays && { NoncurrentDays: rule.NoncurrentVersionExpirationInDays });
    const expiration = {
      Days: rule.ExpirationInDays,
      Date: date(rule.ExpirationDate),
      ExpiredObjectDeleteMarker: rule.ExpiredObjectDeleteMarker,
    };
    return {
      ID: rule.Id,
      Status: rule.Status,
      Filter: several
        ? { And: { Prefix: prefix, Tags: tags.length > 0 ? tags : undefined, ...size } }
        : tags[0]
          ? { Tag: tags[0] }
          : sizes > 0
            ? size
            : { Prefix: prefix ?? "" },
      Expiration: Object.values(expiration).some((value) => value !== undefined) ? expiration : undefined,
      NoncurrentVersionExpiration: older,
      AbortIncompleteMultipartUpload: rule.AbortIncompleteMultipartUpload,
      Transitions: (rule.Transitions ?? (rule.Transition && [rule.Transition]))?.map(transition),
      NoncurrentVersionTransitions: (
        rule.NoncurrentVersionTransitions ??
        (rule.NoncurrentVersionTransition && [rule.NoncurrentVersionTransition])
      )?.map(olderTransition),
    };
  });
