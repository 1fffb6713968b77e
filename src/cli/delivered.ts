/** What a buildspec hands over to be deployed. */
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { parseDocument } from "yaml";
import { CommandError } from "./command.ts";

export interface Delivered {
  /** The template's path inside the build's artifact; absent when there is none to deploy. */
  readonly template?: string;
  /** The template takes the parameters CodeBucket and CodeKey: the artifact itself is the code. */
  readonly takesCode: boolean;
}

const likely = [/(^|\/)packaged[\w-]*\.(ya?ml|json)$/, /(^|\/)(template|sam|cloudformation|application)\.(ya?ml|json)$/];

export const whatIsDelivered = async (top: string, buildspec: string, named?: string): Promise<Delivered> => {
  const document = parseDocument(await readFile(buildspec, "utf8"));
  if (document.errors.length > 0) throw new CommandError(`${buildspec}: ${document.errors[0]?.message}`);
  const { artifacts } = (document.toJS() ?? {}) as { artifacts?: { files?: unknown[]; "base-directory"?: string } };
  const files = (artifacts?.files ?? []).map(String);
  const template = named ?? chooseTemplate(files, (path) => existsSync(join(top, path)));
  const source = template && [template, template.replace(/^packaged-?/, "")].map((path) => join(top, path)).find(existsSync);
  const text = source ? await readFile(source, "utf8") : "";
  return { ...(template && { template }), takesCode: /^\s*"?CodeBucket"?\s*:/m.test(text) && /^\s*"?CodeKey"?\s*:/m.test(text) };
};

/** The file among the artifact's that is most likely the template; with `**` also one that lies at the top of the sources. */
export const chooseTemplate = (files: readonly string[], exists: (path: string) => boolean): string | undefined => {
  for (const pattern of likely) {
    const found = files.find((file) => pattern.test(file));
    if (found) return found;
  }
  if (!files.some((file) => file.includes("**"))) return undefined;
  return ["template.yml", "template.yaml", "template.json", "sam.yml", "sam.yaml"].find(exists);
};
