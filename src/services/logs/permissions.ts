import type { Permissions } from "../service.ts";
import { groupArn } from "./records.ts";

const STREAM_OPERATIONS = new Set(["PutLogEvents", "GetLogEvents", "DeleteLogStream"]);

export const permissions: Permissions = {
  of(operation, input, call) {
    const name: string | undefined = input.logGroupName ?? input.logGroupIdentifier?.replace(/^arn:.*:log-group:/, "");
    const group = input.resourceArn ?? (name === undefined ? `${groupArn(call, "*")}` : groupArn(call, name));
    const resource = STREAM_OPERATIONS.has(operation) ? `${group}:log-stream:${input.logStreamName ?? "*"}` : group;
    return [{ action: `logs:${operation}`, resource }];
  },
};
