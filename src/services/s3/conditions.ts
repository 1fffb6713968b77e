/** Conditional requests: HTTP's four headers on reads and copy sources, and ETag conditions on writes. */
import { ServiceError } from "../../protocols/operations.ts";
import { noSuchKey, notBuilt, preconditionFailed } from "./errors.ts";

export interface ReadConditions {
  readonly IfMatch?: string;
  readonly IfNoneMatch?: string;
  readonly IfModifiedSince?: Date;
  readonly IfUnmodifiedSince?: Date;
}
export interface WriteConditions {
  readonly IfMatch?: string;
  readonly IfNoneMatch?: string;
}
interface State {
  /** Without quotes. */
  readonly etag: string;
  readonly modified: Date;
}

const names = (header: string, etag: string): boolean =>
  header.split(",").some((one) => {
    const tag = one
      .trim()
      .replace(/^W\//, "")
      .replace(/^"(.*)"$/, "$1");
    return tag === "*" || tag === etag;
  });
const seconds = (moment: Date) => Math.floor(moment.getTime() / 1000);

/** ETags win over dates, each within its pair (RFC 9110 §13.2.2). */
export const judgeRead = (state: State, when: ReadConditions): "ok" | "not-modified" | { failed: string } => {
  if (when.IfMatch !== undefined) {
    if (!names(when.IfMatch, state.etag)) return { failed: "If-Match" };
  } else if (when.IfUnmodifiedSince && seconds(state.modified) > seconds(when.IfUnmodifiedSince)) return { failed: "If-Unmodified-Since" };
  if (when.IfNoneMatch !== undefined) {
    if (names(when.IfNoneMatch, state.etag)) return "not-modified";
  } else if (when.IfModifiedSince && seconds(state.modified) <= seconds(when.IfModifiedSince)) return "not-modified";
  return "ok";
};

/** `headers` go with a 304, as they would have gone with the object. */
export const checkRead = (state: State, when: ReadConditions, headers: Record<string, string>): void => {
  const judged = judgeRead(state, when);
  if (judged === "not-modified") throw new ServiceError("NotModified", "Not Modified", 304, {}, headers);
  if (judged !== "ok") throw preconditionFailed(judged.failed);
};

/** A copy's source: every unmet condition is a 412, there is no 304. */
export const checkCopySource = (state: State, when: ReadConditions): void => {
  const judged = judgeRead(state, when);
  if (judged === "ok") return;
  if (judged !== "not-modified") throw preconditionFailed(`x-amz-copy-source-${judged.failed}`);
  throw preconditionFailed(when.IfNoneMatch === undefined ? "x-amz-copy-source-If-Modified-Since" : "x-amz-copy-source-If-None-Match");
};

/** Before an object is written or deleted: `current` is absent when the key has no object (a delete marker is none). */
export const checkWrite = (key: string, current: { readonly etag: string } | undefined, when: WriteConditions): void => {
  if (when.IfNoneMatch !== undefined) {
    if (when.IfNoneMatch.trim() !== "*") throw notBuilt("If-None-Match with an ETag on a write (S3 takes only *)");
    if (current) throw preconditionFailed("If-None-Match");
  }
  if (when.IfMatch !== undefined) {
    if (!current) throw noSuchKey(key);
    if (!names(when.IfMatch, current.etag)) throw preconditionFailed("If-Match");
  }
};
