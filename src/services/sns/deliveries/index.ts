import { invalid, notImplemented } from "../errors.ts";
import type { Protocol } from "../records.ts";
import { email } from "./email.ts";
import { http } from "./http.ts";
import type { Kind } from "./kind.ts";
import { lambda } from "./lambda.ts";

const kinds: Readonly<Record<Protocol, Kind>> = { http, https: http, lambda, email, "email-json": email };
const unbuilt = ["sqs", "sms", "application", "firehose"];

/** Throws for a protocol that there is not. */
export const kindOf = (protocol: string): Kind => {
  if (Object.hasOwn(kinds, protocol)) return kinds[protocol as Protocol];
  if (unbuilt.includes(protocol)) throw notImplemented(`The protocol ${protocol}`);
  throw invalid("Protocol");
};
