/** What users, groups and roles do alike: holding inline and attached policies, tags and a boundary. */
import type { Writing } from "../../store/store.ts";
import type { Context } from "../service.ts";
import { awsPolicies } from "./aws-policies.ts";
import { encoded, faultOf, weightOf } from "./document.ts";
import { deleteConflict, limitExceeded, malformed, marked, noSuchEntity } from "./errors.ts";
import { attachments, type Holder, type Holders, holders, type Kind, keyOf, policies } from "./records.ts";
import { tagList, withoutTags, withTags } from "./tags.ts";

/** Bytes of all inline policies of one holder together. */
const inlineLimit: Record<Kind, number> = { user: 2048, group: 5120, role: 10240 };
const attachedLimit = 20;

type Paging = { Marker?: string; MaxItems?: number };
type Name = string | undefined;

export const notFound = (kind: Kind, name: string) => noSuchEntity(`The ${kind} with name ${name} cannot be found.`);

export const loaded = async <K extends Kind>(tx: Pick<Writing, "get">, kind: K, account: string, name: string): Promise<Holders[K]> => {
  const found = await tx.get(holders[kind], keyOf(account, name));
  if (!found) throw notFound(kind, name);
  return found;
};

/** The default version's document, of a policy of ours or of AWS's. */
export const policyDocument = async (tx: Pick<Writing, "get">, account: string, arn: string): Promise<string | undefined> => {
  const known = awsPolicies.get(arn);
  if (known) return known.document;
  const policy = await tx.get(policies, [account, arn]);
  return policy?.versions.find(({ id }) => id === policy.defaultVersion)?.document;
};

const mustExist = async (tx: Pick<Writing, "get">, account: string, arn: string) => {
  if ((await policyDocument(tx, account, arn)) === undefined) throw noSuchEntity(`Policy ${arn} does not exist or is not attachable.`);
};

export const attach = async (
  tx: Writing,
  account: string,
  kind: Kind,
  holder: Holder,
  arn: string,
  as: "policy" | "boundary" = "policy",
) => {
  await mustExist(tx, account, arn);
  await tx.put(attachments, [account, arn, as, kind, holder.name.toLowerCase()], { kind, name: holder.name, id: holder.id, as });
};

export const mustBeIdentityPolicy = (document: string) => {
  const fault = faultOf(document, "identity");
  if (fault !== undefined) throw malformed(fault);
};

/** A holder may go only when nothing hangs on it. */
export const mustBeBare = (holder: Holder) => {
  if (Object.keys(holder.inline).length > 0) throw deleteConflict("Cannot delete entity, must delete policies first.");
  if (holder.attached.length > 0) throw deleteConflict("Cannot delete entity, must detach all policies first.");
};

export const policyHolding = <K extends Kind>({ store }: Context, kind: K) => {
  const change = (account: string, name: Name, work: (holder: Holder, tx: Writing) => Holder | Promise<Holder>) =>
    store.write(async (tx) => {
      const holder: Holder = await loaded(tx, kind, account, name as string);
      await tx.put(holders[kind] as (typeof holders)["user"], keyOf(account, holder.name), (await work(holder, tx)) as Holders["user"]);
      return {};
    });
  const look = (account: string, name: Name): Promise<Holder> => store.read((tx) => loaded(tx, kind, account, name as string));

  return {
    change,
    putInline: (account: string, name: Name, policyName: Name, document: Name) =>
      change(account, name, (holder) => {
        mustBeIdentityPolicy(document as string);
        const inline = { ...holder.inline, [policyName as string]: document as string };
        if (Object.values(inline).reduce((sum, one) => sum + weightOf(one), 0) > inlineLimit[kind])
          throw limitExceeded(`Maximum policy size of ${inlineLimit[kind]} bytes exceeded for ${kind} ${name}`);
        return { ...holder, inline };
      }),
    getInline: async (account: string, name: Name, policyName: Name) => {
      const { inline } = await look(account, name);
      const document = inline[policyName as string];
      if (document === undefined) throw noSuchEntity(`The ${kind} policy with name ${policyName} cannot be found.`);
      return encoded(document);
    },
    deleteInline: (account: string, name: Name, policyName: Name) =>
      change(account, name, (holder) => {
        const { [policyName as string]: gone, ...inline } = holder.inline;
        if (gone === undefined) throw noSuchEntity(`The ${kind} policy with name ${policyName} cannot be found.`);
        return { ...holder, inline };
      }),
    listInline: async (account: string, name: Name, input: Paging) => {
      const { items, ...rest } = marked(Object.keys((await look(account, name)).inline), (one) => one, input);
      return { PolicyNames: items, ...rest };
    },
    attach: (account: string, name: Name, arn: Name) =>
      change(account, name, async (holder, tx) => {
        if (holder.attached.includes(arn as string)) return holder;
        if (holder.attached.length >= attachedLimit)
          throw limitExceeded(`Cannot exceed quota for PoliciesPer${kind[0].toUpperCase()}${kind.slice(1)}: ${attachedLimit}`);
        await attach(tx, account, kind, holder, arn as string);
        return { ...holder, attached: [...holder.attached, arn as string] };
      }),
    detach: (account: string, name: Name, arn: Name) =>
      change(account, name, async (holder, tx) => {
        if (!holder.attached.includes(arn as string)) throw noSuchEntity(`Policy ${arn} was not found.`);
        await tx.delete(attachments, [account, arn as string, "policy", kind, holder.name.toLowerCase()]);
        return { ...holder, attached: holder.attached.filter((one) => one !== arn) };
      }),
    listAttached: async (account: string, name: Name, input: Paging & { PathPrefix?: string }) => {
      const { attached } = await look(account, name);
      const all = attached.map((PolicyArn) => ({ PolicyArn, PolicyName: PolicyArn.slice(PolicyArn.lastIndexOf("/") + 1) }));
      const within = all.filter(({ PolicyArn }) => pathOf(PolicyArn).startsWith(input.PathPrefix ?? "/"));
      const { items, ...rest } = marked(within, ({ PolicyArn }) => PolicyArn, input);
      return { AttachedPolicies: items, ...rest };
    },
    setBoundary: (account: string, name: Name, arn: string | undefined) =>
      change(account, name, async (holder, tx) => {
        if (arn === undefined && holder.boundary === undefined) throw noSuchEntity(`The ${kind} ${name} has no permissions boundary.`);
        if (holder.boundary) await tx.delete(attachments, [account, holder.boundary, "boundary", kind, holder.name.toLowerCase()]);
        if (arn !== undefined) await attach(tx, account, kind, holder, arn, "boundary");
        return { ...holder, boundary: arn };
      }),
    tag: (account: string, name: Name, tags: Parameters<typeof withTags>[1] | undefined) =>
      change(account, name, (holder) => ({ ...holder, tags: withTags(holder.tags, tags ?? []) })),
    untag: (account: string, name: Name, keys: readonly string[] | undefined) =>
      change(account, name, (holder) => ({ ...holder, tags: withoutTags(holder.tags, keys ?? []) })),
    listTags: async (account: string, name: Name, input: Paging) => {
      const { items, ...rest } = marked(tagList((await look(account, name)).tags), ({ Key }) => Key, input);
      return { Tags: items, ...rest };
    },
  };
};

export const boundaryOf = ({ boundary }: Holder) =>
  boundary === undefined ? undefined : { PermissionsBoundaryType: "PermissionsBoundaryPolicy" as const, PermissionsBoundaryArn: boundary };

/** `/` or `/path/` of a policy's ARN. */
export const pathOf = (arn: string): string => {
  const resource = arn.slice(arn.indexOf("policy/") + "policy".length);
  return resource.slice(0, resource.lastIndexOf("/") + 1);
};
