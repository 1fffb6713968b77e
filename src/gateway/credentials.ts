import type { Principal } from "../services/principal.ts";

/** Whose key it is. IAM answers this. */
export interface CredentialSource {
  /** The holder of an active access key, long-lived or of a session. */
  find(accessKeyId: string, sessionToken?: string): Promise<Credential | undefined>;
}
export interface Credential {
  readonly secretAccessKey: string;
  readonly principal: Principal;
  /** Requests with a session's key carry exactly this token. */
  readonly sessionToken?: string;
  readonly expires?: Date;
}
