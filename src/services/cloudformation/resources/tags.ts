/** Tags in CloudFormation's form, `[{ Key, Value }]`, as the services want them. */
type Listed = readonly { readonly Key: string; readonly Value: string }[];

export const tagMap = (tags: Listed | undefined): Record<string, string> => Object.fromEntries((tags ?? []).map(({ Key, Value }) => [Key, Value]));

/** What to set and what to take away. */
export const changedTags = (before: Readonly<Record<string, string>>, after: Readonly<Record<string, string>>) => ({
  set: Object.fromEntries(Object.entries(after).filter(([key, value]) => before[key] !== value)),
  gone: Object.keys(before).filter((key) => !(key in after)),
});
