/**
 * Writes what the AWS resource specification says of the types we carry out, as one compact table:
 *   node scripts/cloudformation-types.ts
 * reads `@aws-cdk/aws-service-spec` (a database of 2.6 MB, never loaded by the server) and writes
 * `src/services/cloudformation/types.json` and `type-names.txt` beside it.
 *
 * A property is a string: flags, then its type. Flags: `!` required, `*` a change needs a new resource, `?` a change may need one.
 * Types: `s` string, `i` integer, `n` number, `b` boolean, `j` JSON, `d` time, `t` tag, `[x]` list, `{x}` map, `#Name` definition, `x|y` either.
 */
import { writeFileSync } from "node:fs";
import { loadAwsServiceSpecSync } from "@aws-cdk/aws-service-spec";
import { resourceTypes } from "../src/services/cloudformation/resources/index.ts";

// biome-ignore lint/suspicious/noExplicitAny: the database's own types are spread over three packages
const db: any = loadAwsServiceSpecSync();
const folder = new URL("../src/services/cloudformation/", import.meta.url);

const letters: Record<string, string> = { string: "s", integer: "i", number: "n", boolean: "b", json: "j", "date-time": "d", tag: "t" };
// biome-ignore lint/suspicious/noExplicitAny: as above
const typeText = (type: any): string => {
  if (type.type === "array") return `[${typeText(type.element)}]`;
  if (type.type === "map") return `{${typeText(type.element)}}`;
  if (type.type === "ref") return `#${db.get("typeDefinition", type.reference.$ref).name}`;
  if (type.type === "union") return [...new Set<string>(type.types.map(typeText))].join("|");
  const letter = letters[type.type];
  if (!letter) throw new Error(`unknown type ${JSON.stringify(type)}`);
  return letter;
};
// biome-ignore lint/suspicious/noExplicitAny: as above
const propertiesText = (properties: Record<string, any>) =>
  Object.fromEntries(
    Object.entries(properties)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, property]) => [
        name,
        (property.required ? "!" : "") +
          (property.causesReplacement === "yes" ? "*" : property.causesReplacement === "maybe" ? "?" : "") +
          typeText(property.type),
      ]),
  );

const table: Record<string, unknown> = {};
for (const type of Object.keys(resourceTypes).sort()) {
  const [resource] = [...db.lookup("resource", "cloudFormationType", "equals", type)];
  if (!resource) continue;
  // biome-ignore lint/suspicious/noExplicitAny: as above
  const definitions = [...db.follow("usesType", resource)].map((link: any) => link.entity).sort((a, b) => (a.name < b.name ? -1 : 1));
  table[type] = {
    properties: propertiesText(resource.properties),
    definitions: Object.fromEntries(definitions.map((definition) => [definition.name, propertiesText(definition.properties)])),
    attributes: Object.keys(resource.attributes).sort(),
    ...(resource.tagInformation && { tags: [resource.tagInformation.tagPropertyName, resource.tagInformation.variant] }),
  };
}
const lines = Object.entries(table).map(([type, entry]) => `${JSON.stringify(type)}:${JSON.stringify(entry)}`);
writeFileSync(new URL("types.json", folder), `{\n${lines.join(",\n")}\n}\n`);

// biome-ignore lint/suspicious/noExplicitAny: as above
const names: string[] = [...db.all("resource")].map((resource: any) => resource.cloudFormationType);
writeFileSync(new URL("type-names.txt", folder), `${[...new Set(names)].sort().join("\n")}\n`);
