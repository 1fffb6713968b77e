import assert from "node:assert/strict";
import { test } from "node:test";
import type { LifecycleRule } from "@aws-sdk/client-s3";
import { abandoned, asWire, judge, nextMidnight, type Rule, rulesIn, type Standing } from "./lifecycle.ts";
import type { Version } from "./records.ts";

const rule = (over: Partial<LifecycleRule>): LifecycleRule => ({ ID: "r", Status: "Enabled", Filter: {}, ...over });
const read = (...rules: LifecycleRule[]): Rule[] => rulesIn({ Rules: rules }, () => "made");
const version = (over: object = {}): Version =>
  ({
    uid: "u",
    key: "logs/a",
    sequence: 1,
    versionId: "v",
    modified: "2026-01-01T10:00:00.000Z",
    size: 100,
    etag: "e",
    headers: {},
    metadata: {},
    tags: [["a", "1"]],
    storageClass: "STANDARD",
    ...over,
  }) as Version;
const marker = version({ deleteMarker: true });
const latest: Standing = { newer: 0, alone: true };
const old: Standing = { newer: 1, alone: false, replaced: "2026-01-05T10:00:00.000Z" };

const forms: LifecycleRule[] = [
  rule({ Expiration: { Days: 3 } }),
  rule({ Expiration: { Date: new Date("2026-05-01T00:00:00Z") }, Filter: { Prefix: "x/" } }),
  rule({ Expiration: { ExpiredObjectDeleteMarker: true }, Status: "Disabled" }),
  rule({ NoncurrentVersionExpiration: { NoncurrentDays: 4, NewerNoncurrentVersions: 2 }, Filter: { Tag: { Key: "a", Value: "b" } } }),
  rule({
    AbortIncompleteMultipartUpload: { DaysAfterInitiation: 7 },
    Filter: {
      And: {
        Prefix: "p",
        Tags: [
          { Key: "a", Value: "b" },
          { Key: "c", Value: "d" },
        ],
        ObjectSizeGreaterThan: 5,
        ObjectSizeLessThan: 9,
      },
    },
  }),
  { ID: "old", Status: "Enabled", Prefix: "", Expiration: { Days: 1 } },
];
for (const [i, form] of forms.entries())
  test(`a rule is shown as it was written (${i})`, () => assert.deepEqual(asWire(read(form)[0] as Rule), form));

const wrong: [string, LifecycleRule[], string][] = [
  ["none", [], "MalformedXML"],
  ["nothing to do", [rule({})], "InvalidRequest"],
  ["filter and prefix", [rule({ Prefix: "x", Expiration: { Days: 1 } })], "MalformedXML"],
  ["days and date", [rule({ Expiration: { Days: 1, Date: new Date(0) } })], "MalformedXML"],
  ["no days at all", [rule({ Expiration: { Days: 0 } })], "InvalidArgument"],
  ["a date that is no midnight", [rule({ Expiration: { Date: new Date(1) } })], "InvalidArgument"],
  ["two of one name", [rule({ Expiration: { Days: 1 } }), rule({ Expiration: { Days: 1 } })], "InvalidArgument"],
  ["a transition", [rule({ Transitions: [{ Days: 1, StorageClass: "GLACIER" }] })], "NotImplemented"],
];
for (const [name, rules, code] of wrong) test(`rules refused: ${name}`, () => assert.throws(() => read(...rules), { code }));

const days3 = rule({ Expiration: { Days: 3 } });
const cases: [string, LifecycleRule, Version, Standing, string, string][] = [
  ["three days old, before midnight", days3, version(), latest, "2026-01-04T23:59:59Z", "keep"],
  ["three days old, at the midnight after", days3, version(), latest, "2026-01-05T00:00:00Z", "expire"],
  ["written at midnight itself", days3, version({ modified: "2026-01-01T00:00:00.000Z" }), latest, "2026-01-04T00:00:00Z", "expire"],
  ["a disabled rule", { ...days3, Status: "Disabled" }, version(), latest, "2027-01-01T00:00:00Z", "keep"],
  ["another prefix", { ...days3, Filter: { Prefix: "tmp/" } }, version(), latest, "2027-01-01T00:00:00Z", "keep"],
  ["the same prefix", { ...days3, Filter: { Prefix: "logs/" } }, version(), latest, "2027-01-01T00:00:00Z", "expire"],
  ["the tag", { ...days3, Filter: { Tag: { Key: "a", Value: "1" } } }, version(), latest, "2027-01-01T00:00:00Z", "expire"],
  ["another tag", { ...days3, Filter: { Tag: { Key: "a", Value: "2" } } }, version(), latest, "2027-01-01T00:00:00Z", "keep"],
  ["not larger", { ...days3, Filter: { ObjectSizeGreaterThan: 100 } }, version(), latest, "2027-01-01T00:00:00Z", "keep"],
  ["smaller", { ...days3, Filter: { ObjectSizeLessThan: 101 } }, version(), latest, "2027-01-01T00:00:00Z", "expire"],
  ["before the date", rule({ Expiration: { Date: new Date("2026-02-01T00:00:00Z") } }), version(), latest, "2026-01-31T00:00:00Z", "keep"],
  ["at the date", rule({ Expiration: { Date: new Date("2026-02-01T00:00:00Z") } }), version(), latest, "2026-02-01T00:00:00Z", "expire"],
  ["a marker alone", rule({ Expiration: { ExpiredObjectDeleteMarker: true } }), marker, latest, "2026-01-02T00:00:00Z", "delete"],
  [
    "a marker on something",
    rule({ Expiration: { ExpiredObjectDeleteMarker: true } }),
    marker,
    { ...latest, alone: false },
    "2027-01-02T00:00:00Z",
    "keep",
  ],
  ["an old version, for the rule of current ones", days3, version(), old, "2027-01-01T00:00:00Z", "keep"],
  [
    "an old version, not long enough",
    rule({ NoncurrentVersionExpiration: { NoncurrentDays: 2 } }),
    version(),
    old,
    "2026-01-07T23:00:00Z",
    "keep",
  ],
  [
    "an old version, long enough",
    rule({ NoncurrentVersionExpiration: { NoncurrentDays: 2 } }),
    version(),
    old,
    "2026-01-08T00:00:00Z",
    "delete",
  ],
  [
    "an old version among those to keep",
    rule({ NoncurrentVersionExpiration: { NoncurrentDays: 2, NewerNoncurrentVersions: 2 } }),
    version(),
    old,
    "2027-01-01T00:00:00Z",
    "keep",
  ],
  [
    "a current version, for the rule of old ones",
    rule({ NoncurrentVersionExpiration: { NoncurrentDays: 2 } }),
    version(),
    latest,
    "2027-01-01T00:00:00Z",
    "keep",
  ],
];
for (const [name, one, what, standing, now, expected] of cases)
  test(`lifecycle: ${name}`, () => assert.equal(judge(read(one), what, standing, new Date(now)), expected));

test("abandoned uploads", () => {
  const rules = read(rule({ AbortIncompleteMultipartUpload: { DaysAfterInitiation: 2 }, Filter: { Prefix: "a" } }));
  const upload = { key: "abc", started: "2026-01-01T10:00:00Z" };
  assert.equal(abandoned(rules, upload, new Date("2026-01-03T23:00:00Z")), false);
  assert.equal(abandoned(rules, upload, new Date("2026-01-04T00:00:00Z")), true);
  assert.equal(abandoned(rules, { ...upload, key: "b" }, new Date("2027-01-04T00:00:00Z")), false);
});
test("the next midnight", () => assert.equal(nextMidnight(new Date("2026-01-01T00:00:00Z")).toISOString(), "2026-01-02T00:00:00.000Z"));
