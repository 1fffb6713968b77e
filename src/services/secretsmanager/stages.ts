/** How staging labels move between the versions of a secret. Each label is on one version at most. */
import type { SecretVersion } from "./records.ts";

const current = "AWSCURRENT";
const previous = "AWSPREVIOUS";
/** Versions without any label are kept until there are more than this many. */
const mostVersions = 100;

/** The versions once those labels are on that version. The one that was current becomes the previous one. */
export const withStages = (versions: readonly SecretVersion[], id: string, stages: readonly string[]): SecretVersion[] => {
  const wasCurrent = versions.find((version) => version.stages.includes(current))?.id;
  const retires = stages.includes(current) && wasCurrent !== undefined && wasCurrent !== id ? wasCurrent : undefined;
  const moved = new Set([...stages, ...(retires !== undefined ? [previous] : [])]);
  return versions.map((version) => {
    const kept = version.stages.filter((stage) => !moved.has(stage));
    const gained = version.id === id ? stages : version.id === retires ? [previous] : [];
    return { ...version, stages: [...new Set([...kept, ...gained])] };
  });
};

/** The versions once that label is off that one. */
export const withoutStage = (versions: readonly SecretVersion[], id: string, stage: string): SecretVersion[] =>
  versions.map((version) => (version.id === id ? { ...version, stages: version.stages.filter((one) => one !== stage) } : version));

/** Of too many versions, the oldest that carry no label. */
export const surplus = (versions: readonly SecretVersion[]): SecretVersion[] => {
  const bare = versions.filter(({ stages }) => stages.length === 0);
  return bare.slice(0, Math.max(0, versions.length - mostVersions));
};
