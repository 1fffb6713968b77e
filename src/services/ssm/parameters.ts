import { randomUUID } from "node:crypto";
import * as sdk from "@aws-sdk/client-ssm";
import type { Handlers } from "../../protocols/operations.ts";
import type { Writing } from "../../store/store.ts";
import type { Call, Context } from "../service.ts";
import type { Vault } from "../vault.ts";
import { announce } from "./announcements.ts";
import { invalid, notImplemented } from "./errors.ts";
import { find, mustFind } from "./lookups.ts";
import { checkName } from "./names.ts";
import { keyOf, type Parameter, type ParameterType, parameters, past, pastKeyOf, type Place, type Version } from "./records.ts";
import { tagsOf } from "./tags.ts";

const mostVersions = 100;
const sizes = { Standard: 4096, Advanced: 8192 };
export const defaultKey = "alias/aws/ssm";
const $metadata = {};

/** Throws what is wrong with it; never with the value in the message. */
const check = (input: sdk.PutParameterCommandInput) => {
  checkName(input.Name as string);
  if (input.Policies !== undefined && !["", "[]", "{}"].includes(input.Policies)) throw notImplemented("Parameter policies");
  if (input.DataType !== undefined && input.DataType !== "text") throw notImplemented(`The data type ${input.DataType}`);
  if (input.KeyId !== undefined && input.KeyId !== defaultKey) throw notImplemented(`A KMS key of one's own (${input.KeyId})`);
  if (input.Overwrite && input.Tags !== undefined && input.Tags.length > 0)
    throw invalid(
      "Invalid request: tags and overwrite can't be used together. To create a parameter with tags, please remove overwrite flag.",
    );
  if (input.Value === undefined || input.Value === "") throw invalid("Parameter value can't be empty.");
  if (input.AllowedPattern !== undefined && input.AllowedPattern !== "") {
    let pattern: RegExp;
    try {
      pattern = new RegExp(`^(?:${input.AllowedPattern})$`);
    } catch {
      throw new sdk.InvalidAllowedPatternException({ message: "The allowed pattern is not a valid regular expression.", $metadata });
    }
    if (!pattern.test(input.Value))
      throw new sdk.ParameterPatternMismatchException({
        message: `Parameter value, cannot be validated against allowedPattern: ${input.AllowedPattern}`,
        $metadata,
      });
  }
};

const tierFor = (input: sdk.PutParameterCommandInput, before: Version | undefined): "Standard" | "Advanced" => {
  const size = Buffer.byteLength(input.Value as string);
  if (size > sizes.Advanced) throw invalid(`Advanced tier parameters support a maximum parameter value of ${sizes.Advanced} characters.`);
  const asked = input.Tier ?? before?.tier ?? "Standard";
  if (asked === "Intelligent-Tiering") return size > sizes.Standard ? "Advanced" : (before?.tier ?? "Standard");
  if (asked === "Standard" && before?.tier === "Advanced")
    throw invalid("This parameter uses the advanced-parameter tier. You can't downgrade it to the standard-parameter tier.");
  if (asked === "Standard" && size > sizes.Standard)
    throw invalid(
      `Standard tier parameters support a maximum parameter value of ${sizes.Standard} characters. To create a larger parameter value, upgrade the parameter to use the advanced-parameter tier.`,
    );
  return asked as "Standard" | "Advanced";
};

/** The version that was the latest becomes a past one; of those, the oldest makes room. */
const retire = async (tx: Writing, place: Place, name: string, latest: Version) => {
  await tx.put(past, pastKeyOf(place, name, latest.version), latest);
  const older = await tx.list(past, { prefix: keyOf(place, name) });
  if (older.length < mostVersions) return;
  const [oldest] = older;
  if (oldest.labels.length > 0)
    throw new sdk.ParameterMaxVersionLimitExceeded({
      message: `You attempted to create a new version of ${name} by calling the PutParameter API. Version ${oldest.version}, the oldest version, can't be deleted because it has a label associated with it. Move the label to another version of the parameter, and try again.`,
      $metadata,
    });
  await tx.delete(past, pastKeyOf(place, name, oldest.version));
};

export const parameterOperations = ({ store, clock }: Context, vault: Vault): Handlers<typeof sdk> => {
  const remove = async (tx: Writing, call: Call, found: Parameter) => {
    await tx.delete(parameters, keyOf(call, found.name));
    await tx.deleteAll(past, keyOf(call, found.name));
    await announce(tx, call, {
      id: randomUUID(),
      operation: "Delete",
      name: found.name,
      type: found.latest.type,
      description: found.latest.description,
    });
  };
  return {
    PutParameter: async (input, call) => {
      check(input);
      const name = input.Name as string;
      const sealed = await vault.seal(input.Value as string, name);
      return store.write(async (tx) => {
        const before = await tx.get(parameters, keyOf(call, name));
        if (before && !input.Overwrite)
          throw new sdk.ParameterAlreadyExists({
            message: "The parameter already exists. To overwrite this value, set the overwrite option in the request to true.",
            $metadata,
          });
        const type = (input.Type ?? before?.latest.type) as ParameterType | undefined;
        if (type === undefined) throw invalid("A parameter type is required when you create a parameter.");
        if (before && before.latest.type !== type)
          throw new sdk.HierarchyTypeMismatchException({
            message: `Systems Manager doesn't support changing a parameter type: ${name} is of type ${before.latest.type}. Create a new, unique parameter.`,
            $metadata,
          });
        const latest: Version = {
          version: (before?.latest.version ?? 0) + 1,
          type,
          value: type === "SecureString" ? sealed : (input.Value as string),
          keyId: type === "SecureString" ? defaultKey : undefined,
          description: input.Description ?? before?.latest.description,
          allowedPattern: input.AllowedPattern,
          tier: tierFor(input, before?.latest),
          dataType: "text",
          modified: clock.now().toISOString(),
          by: call.principal.arn,
          labels: [],
        };
        if (before) await retire(tx, call, name, before.latest);
        await tx.put(parameters, keyOf(call, name), { name, tags: before?.tags ?? tagsOf(input.Tags), latest });
        const operation = before ? "Update" : "Create";
        await announce(tx, call, { id: randomUUID(), operation, name, type, description: latest.description });
        return { Version: latest.version, Tier: latest.tier };
      });
    },
    DeleteParameter: (input, call) =>
      store.write(async (tx) => {
        await remove(tx, call, await mustFind(tx, call, input.Name));
        return {};
      }),
    DeleteParameters: (input, call) =>
      store.write(async (tx) => {
        const DeletedParameters: string[] = [];
        const InvalidParameters: string[] = [];
        for (const name of new Set(input.Names)) {
          const found = await find(tx, call, name);
          if (found) await remove(tx, call, found);
          (found ? DeletedParameters : InvalidParameters).push(name);
        }
        return { DeletedParameters, InvalidParameters };
      }),
  };
};
