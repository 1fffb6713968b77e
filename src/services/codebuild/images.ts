/** Which image the engine runs for the image a project names: pure. */
import type * as sdk from "@aws-sdk/client-codebuild";

/** The longest pattern that matches; `*` at its end stands for any rest. Undefined: the name itself is meant. */
export const mappedImage = (image: string, images: Readonly<Record<string, string>>): string | undefined => {
  const fits = (pattern: string) => (pattern.endsWith("*") ? image.startsWith(pattern.slice(0, -1)) : pattern === image);
  const [best] = Object.keys(images)
    .filter(fits)
    .sort((a, b) => b.length - a.length);
  return best === undefined ? undefined : images[best];
};

/** Names that templates of AWS users hold; each is mapped by `settings.images` like any other name. */
const curated: Record<sdk.PlatformType, Partial<Record<sdk.LanguageType, string[]>>> = {
  UBUNTU: {
    BASE: ["aws/codebuild/standard:5.0", "aws/codebuild/standard:6.0", "aws/codebuild/standard:7.0", "aws/codebuild/standard:8.0"],
    JAVA: ["aws/codebuild/java:openjdk-8", "aws/codebuild/java:openjdk-11"],
  },
  AMAZON_LINUX: {
    BASE: [
      "aws/codebuild/amazonlinux-x86_64-standard:4.0",
      "aws/codebuild/amazonlinux-x86_64-standard:5.0",
      "aws/codebuild/amazonlinux-x86_64-standard:6.0",
      "aws/codebuild/amazonlinux-aarch64-standard:3.0",
    ],
  },
  DEBIAN: {},
  WINDOWS_SERVER: {},
};

export const curatedPlatforms = (images: Readonly<Record<string, string>>): sdk.EnvironmentPlatform[] =>
  Object.entries(curated)
    .map(([platform, languages]) => ({
      platform: platform as sdk.PlatformType,
      languages: Object.entries(languages)
        .map(([language, names]) => ({
          language: language as sdk.LanguageType,
          images: names
            .filter((name) => mappedImage(name, images))
            .map((name) => ({ name, description: `runs ${mappedImage(name, images)}`, versions: [name] })),
        }))
        .filter((language) => language.images.length > 0),
    }))
    .filter(({ languages }) => languages.length > 0);
