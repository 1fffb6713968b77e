import type * as sdk from "@aws-sdk/client-cloudwatch-logs";
import { page } from "../../lib/pages.ts";
import type { Handlers } from "../../protocols/operations.ts";
import type { Context } from "../service.ts";
import { exists, invalid, mustFindGroup } from "./errors.ts";
import { expireTask } from "./expire.ts";
import { batches, type Group, groupArn, groupKey, groups, type Place, streams } from "./records.ts";

const RETENTIONS = [1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653];

export const groupOperations = ({ store, clock }: Context): Handlers<typeof sdk> => {
  const setRetention = (place: Place, name: string, retentionInDays: number | undefined) =>
    store.write(async (tx) => {
      const { retentionInDays: _, ...group } = await mustFindGroup(tx, place, name);
      await tx.put(groups, groupKey(place, name), { ...group, ...(retentionInDays !== undefined && { retentionInDays }) });
      if (retentionInDays === undefined) await tx.cancel(expireTask(place, name, clock.now()).id);
      else await tx.later(expireTask(place, name, clock.now()));
      return {};
    });
  return {
    CreateLogGroup: async ({ logGroupName = "", kmsKeyId, logGroupClass, tags = {} }, call) => {
      if (kmsKeyId !== undefined) throw invalid("kmsKeyId is not implemented by Mayfly");
      if (logGroupClass !== undefined && logGroupClass !== "STANDARD")
        throw invalid(`logGroupClass ${logGroupClass} is not implemented by Mayfly`);
      const group: Group = { name: logGroupName, created: clock.now().getTime(), tags };
      if (!(await store.write((tx) => tx.create(groups, groupKey(call, logGroupName), group)))) throw exists("log group");
      return {};
    },
    DeleteLogGroup: async ({ logGroupName = "" }, call) =>
      store.write(async (tx) => {
        await mustFindGroup(tx, call, logGroupName);
        const key = groupKey(call, logGroupName);
        await tx.delete(groups, key);
        await tx.deleteAll(streams, key);
        await tx.deleteAll(batches, key);
        await tx.cancel(expireTask(call, logGroupName, clock.now()).id);
        return {};
      }),
    DescribeLogGroups: async ({ logGroupNamePrefix, logGroupNamePattern, logGroupIdentifiers, nextToken, limit = 50 }, call) => {
      if (logGroupNamePrefix !== undefined && logGroupNamePattern !== undefined)
        throw invalid("LogGroup name prefix and LogGroup name pattern are mutually exclusive parameters.");
      const named = logGroupIdentifiers && new Set(logGroupIdentifiers.map((one) => one.replace(/^arn:.*:log-group:/, "")));
      const { found, sizes } = await store.read(async (tx) => {
        const all = await tx.list(groups, { prefix: [call.account, call.region] });
        const chosen = all.filter(
          ({ name }) =>
            (logGroupNamePrefix === undefined || name.startsWith(logGroupNamePrefix)) &&
            (logGroupNamePattern === undefined || name.toLowerCase().includes(logGroupNamePattern.toLowerCase())) &&
            (named === undefined || named.has(name)),
        );
        const given = paged(chosen, limit, nextToken);
        const bytes = await Promise.all(
          given.items.map(async ({ name }) =>
            (await tx.list(streams, { prefix: groupKey(call, name) })).reduce((sum, one) => sum + one.bytes, 0),
          ),
        );
        return { found: given, sizes: bytes };
      });
      return {
        logGroups: found.items.map(({ name, created, retentionInDays }, i) => ({
          logGroupName: name,
          creationTime: created,
          retentionInDays,
          metricFilterCount: 0,
          arn: `${groupArn(call, name)}:*`,
          logGroupArn: groupArn(call, name),
          storedBytes: sizes[i],
          logGroupClass: "STANDARD" as const,
        })),
        nextToken: found.next,
      };
    },
    PutRetentionPolicy: async ({ logGroupName = "", retentionInDays = 0 }, call) => {
      if (!RETENTIONS.includes(retentionInDays))
        throw invalid(`${retentionInDays} is not a valid retention period: ${RETENTIONS.join(", ")}`);
      return setRetention(call, logGroupName, retentionInDays);
    },
    DeleteRetentionPolicy: async ({ logGroupName = "" }, call) => setRetention(call, logGroupName, undefined),
  };
};

const paged = (items: Group[], limit: number, token: string | undefined) => {
  try {
    return page(items, ({ name }) => name, limit, token);
  } catch {
    throw invalid("The specified nextToken is invalid.");
  }
};
