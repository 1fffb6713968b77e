/** Which service a request is for. */
import { collect, toText, type WireRequest } from "../protocols/message.ts";
import type { Entry } from "../services/service.ts";

export interface Destination {
  readonly entry: Entry;
  /** The service's own HTTP, no AWS operation. */
  readonly raw: boolean;
}
/** Given the signing name of a signed request, if it is signed. */
export type Resolve = (request: WireRequest, signingName: string | undefined) => Promise<Destination | undefined>;

/** By its own hosts and paths, else signing name, else target, else rpc path, else version; S3 is what remains. */
export function resolver(entries: readonly Entry[]): Resolve {
  const bySigningName = new Map(entries.map((entry) => [entry.signingName, entry]));
  const byTarget = new Map(entries.flatMap((entry) => (entry.target === undefined ? [] : [[entry.target, entry] as const])));
  const byVersion = new Map(entries.map((entry) => [entry.version, entry]));
  const withHosts = entries.filter((entry) => entry.hosts);
  const withPaths = entries.filter((entry) => entry.paths);

  const ownHttp = (request: WireRequest, signingName: string | undefined): Entry | undefined => {
    const host = (request.headers.host ?? "").replace(/:\d+$/, "").toLowerCase();
    const hosting = withHosts.find((entry) => entry.hosts?.some((form) => form.test(host)));
    if (hosting) return hosting;
    const owner = withPaths.find((entry) => entry.paths?.some((form) => form.test(request.path)));
    // A bucket may be called `v1`: what is signed for another service is that service's.
    const foreign = signingName !== undefined && owner?.signingName !== signingName && !request.path.startsWith("/_mayfly/");
    return foreign ? undefined : owner;
  };

  return async (request, signingName) => {
    const own = ownHttp(request, signingName);
    if (own) return { entry: own, raw: true };
    const entry = await operationOwner(request, signingName);
    return entry && { entry, raw: false };
  };

  async function operationOwner(request: WireRequest, signingName: string | undefined): Promise<Entry | undefined> {
    if (signingName !== undefined) return bySigningName.get(signingName);
    const target = request.headers["x-amz-target"];
    if (target !== undefined) return byTarget.get(target.slice(0, target.lastIndexOf(".")));
    const rpc = /^\/service\/([^/]+)\/operation\/[^/]+$/.exec(request.path);
    if (rpc) return byTarget.get(rpc[1] as string);
    const isForm = request.headers["content-type"]?.startsWith("application/x-www-form-urlencoded") === true && request.path === "/";
    const version = parameter(isForm && request.method === "POST" ? toText(await collect(request)) : request.query, "Version");
    if (version !== undefined) return byVersion.get(version);
    const dated = /^\/(20\d\d-\d\d-\d\d)\//.exec(request.path);
    return (dated && byVersion.get(dated[1] as string)) || bySigningName.get("s3");
  }
}

/** Read without decoding the rest: what is malformed there is for the service's own protocol to say. */
const parameter = (query: string, name: string): string | undefined => new RegExp(`(?:^|&)${name}=([^&]*)`).exec(query)?.[1];
