import type { Reading } from "../../store/store.ts";
import { parameterNotFound, versionNotFound } from "./errors.ts";
import { type Asked, askedFor } from "./names.ts";
import { keyOf, type Parameter, parameters, past, type Place, type Version } from "./records.ts";

/** By the name alone; an ARN may mean `/a` where it says `a`. */
export const find = async (tx: Reading, place: Place, text: string): Promise<(Parameter & { asked: Asked }) | undefined> => {
  const asked = askedFor(text);
  const found =
    (await tx.get(parameters, keyOf(place, asked.name))) ??
    (text.startsWith("arn:") && !asked.name.startsWith("/") ? await tx.get(parameters, keyOf(place, `/${asked.name}`)) : undefined);
  return found && { ...found, asked };
};
export const mustFind = async (tx: Reading, place: Place, text: string | undefined): Promise<Parameter & { asked: Asked }> => {
  const found = await find(tx, place, text as string);
  if (!found) throw parameterNotFound();
  return found;
};

/** Oldest first. */
export const versionsOf = async (tx: Reading, place: Place, parameter: Parameter): Promise<Version[]> => [
  ...(await tx.list(past, { prefix: keyOf(place, parameter.name) })),
  parameter.latest,
];

/** The version a selector means; the latest without one. */
export const selected = async (tx: Reading, place: Place, parameter: Parameter, selector: string | undefined): Promise<Version> => {
  if (selector === undefined) return parameter.latest;
  const all = await versionsOf(tx, place, parameter);
  const found = /^\d+$/.test(selector)
    ? all.find(({ version }) => version === Number(selector))
    : all.find(({ labels }) => labels.includes(selector));
  if (!found) throw versionNotFound(parameter.name, selector);
  return found;
};
