import { createHash } from "node:crypto";

/** Owners in S3's answers: 64 hex digits that stand for an account. */
export const canonicalUser = (account: string) => ({ ID: createHash("sha256").update(`canonical user ${account}`).digest("hex") });
