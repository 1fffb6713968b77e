import { ServiceError } from "./operations.ts";
import type { Model } from "./model.ts";
import { membersOf, nameOf, type Schema, shapeOf } from "./shapes.ts";

/** An error as every protocol writes it down. */
export interface Failure {
  readonly code: string;
  readonly status: number;
  readonly message: string;
  /** Code and status in the query protocol, where they may be others. */
  readonly queryCode: string;
  readonly queryStatus: number;
  readonly sender: boolean;
  /** The modelled exception, when it is one. */
  readonly schema?: Schema;
  /** Its members, without the message. */
  readonly members: Readonly<Record<string, unknown>>;
  /** The name of the member that holds the message, as modelled. */
  readonly messageMember: string;
  /** Of the response, where the error says something in them. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** What a client is told of a thrown error; `undefined` if it is none of ours: then nobody outside should learn more than that. */
export function failureOf(error: unknown, model: Model | undefined): Failure | undefined {
  const schema = model?.errorSchema(error);
  // biome-ignore lint/suspicious/noExplicitAny: members are read by their modelled names
  const thrown = error as any;
  if (schema) {
    const shape = shapeOf(schema);
    // biome-ignore lint/suspicious/noExplicitAny: traits are an open set
    const traits = shape.getMergedTraits() as any;
    const code = nameOf(schema).name;
    const status = traits.httpError ?? (traits.error === "server" ? 500 : 400);
    const members: Record<string, unknown> = {};
    let messageMember = "message";
    for (const { name } of membersOf(shape))
      if (name.toLowerCase() === "message") messageMember = name;
      else if (thrown[name] !== undefined) members[name] = thrown[name];
    return {
      code,
      status,
      message: String(thrown.Message ?? thrown.message ?? ""),
      queryCode: traits.awsQueryError?.[0] ?? code,
      queryStatus: traits.awsQueryError?.[1] ?? status,
      sender: status < 500,
      schema,
      members,
      messageMember,
    };
  }
  if (!(error instanceof ServiceError)) return undefined;
  const { code, status, message, extra, headers } = error;
  return {
    code,
    status,
    message,
    queryCode: code,
    queryStatus: status,
    sender: status < 500,
    members: extra,
    messageMember: "message",
    headers,
  };
}

/** What a client is told of an error that is our own fault. */
export const internalFailure: Failure = {
  code: "InternalFailure",
  status: 500,
  message: "The request processing has failed because of an unknown error, exception or failure.",
  queryCode: "InternalFailure",
  queryStatus: 500,
  sender: false,
  members: {},
  messageMember: "message",
};
