import type { LifecycleRule } from "@aws-sdk/client-s3";
import { ResourceFailure } from "./resource.ts";

/** A template's lifecycle rules in S3's own form. Those that move objects between classes are refused by S3. */
// biome-ignore lint/suspicious/noExplicitAny: the properties of AWS::S3::Bucket
export const lifecycleRules = (rules: readonly any[]): LifecycleRule[] =>
  rules.map((rule) => {
    for (const name of ["Transition", "Transitions", "NoncurrentVersionTransition", "NoncurrentVersionTransitions"])
      if (rule[name] !== undefined) throw new ResourceFailure(`${name} of a lifecycle rule is not implemented by Mayfly`);
    const expires = rule.ExpirationInDays !== undefined || rule.ExpirationDate !== undefined || rule.ExpiredObjectDeleteMarker !== undefined;
    const noncurrent = rule.NoncurrentVersionExpiration ?? (rule.NoncurrentVersionExpirationInDays !== undefined && { NoncurrentDays: rule.NoncurrentVersionExpirationInDays });
    const tags = rule.TagFilters ?? [];
    const { ObjectSizeGreaterThan, ObjectSizeLessThan } = rule;
    const conditions = { ...(ObjectSizeGreaterThan !== undefined && { ObjectSizeGreaterThan }), ...(ObjectSizeLessThan !== undefined && { ObjectSizeLessThan }) };
    const several = tags.length + Object.keys(conditions).length > 0;
    return {
      ID: rule.Id,
      Status: rule.Status,
      Filter: several ? { And: { Prefix: rule.Prefix ?? "", Tags: tags, ...conditions } } : { Prefix: rule.Prefix ?? "" },
      ...(expires && {
        Expiration: {
          ...(rule.ExpirationInDays !== undefined && { Days: rule.ExpirationInDays }),
          ...(rule.ExpirationDate !== undefined && { Date: new Date(rule.ExpirationDate) }),
          ...(rule.ExpiredObjectDeleteMarker !== undefined && { ExpiredObjectDeleteMarker: rule.ExpiredObjectDeleteMarker }),
        },
      }),
      ...(noncurrent && { NoncurrentVersionExpiration: noncurrent }),
      ...(rule.AbortIncompleteMultipartUpload && { AbortIncompleteMultipartUpload: rule.AbortIncompleteMultipartUpload }),
    };
  });
