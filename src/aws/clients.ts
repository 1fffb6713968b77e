/** The official clients, aimed at this process's own gateway: no sockets, no signatures, but judged like anybody's call. */
import { recent } from "../lib/recent.ts";
import type { Gateway } from "../gateway/gateway.ts";
import { type Principal, servicePrincipal } from "../services/principal.ts";
import type { Aws } from "./aws.ts";
import { inProcess } from "./in-process.ts";

export interface AwsParts {
  readonly handle: Gateway["handle"];
  /** Who calls: `codepipeline`. */
  readonly service: string;
  readonly account: string;
  readonly region: string;
  /** Throws unless the role exists and lets this service in. */
  assumeRole(roleArn: string, sessionName: string, place: Place): Promise<Principal>;
}
export interface Place {
  readonly account: string;
  readonly region: string;
}

const mostClients = 500;
/** How long a role once assumed is not asked for again. */
const roleSeconds = 60;

export function createAws(parts: AwsParts): Aws {
  const clients = recent<string, unknown>(mostClients);

  const acting = (place: Place, identity: string, principal: () => Promise<Principal>): Aws => ({
    // biome-ignore lint/suspicious/noExplicitAny: each client class has its own configuration type
    client<C>(of: new (config: any) => C): C {
      return clients.get(`${of.name} ${place.account} ${place.region} ${identity}`, () => new of(config(of, place, principal))) as C;
    },
    at: ({ account, region }) =>
      acting({ account, region }, identity, identity === "" ? async () => servicePrincipal(parts.service, account) : principal),
    as: (roleArn, sessionName) =>
      acting(
        place,
        `${roleArn} ${sessionName}`,
        remembered(() => parts.assumeRole(roleArn, sessionName, place)),
      ),
  });

  // biome-ignore lint/suspicious/noExplicitAny: each client class has its own configuration type
  function config(of: new (config: any) => unknown, place: Place, principal: () => Promise<Principal>): object {
    const send = inProcess(parts.handle, async () => ({ ...place, principal: await principal(), signingName: signingNameOf(of) }));
    return { ...quiet, region: place.region, requestHandler: send };
  }

  return acting({ account: parts.account, region: parts.region }, "", async () => servicePrincipal(parts.service, parts.account));
}

function remembered(assume: () => Promise<Principal>): () => Promise<Principal> {
  let held: { promise: Promise<Principal>; until: number } | undefined;
  return () => {
    const now = performance.now();
    if (held && held.until > now) return held.promise;
    const promise = assume();
    const mine = (held = { promise, until: now + roleSeconds * 1000 });
    promise.catch(() => {
      if (held === mine) held = undefined;
    });
    return promise;
  };
}

const signingNames = new WeakMap<object, string>();
// biome-ignore lint/suspicious/noExplicitAny: each client class has its own configuration type
function signingNameOf(of: new (config: any) => unknown): string {
  let name = signingNames.get(of);
  if (name === undefined) {
    // biome-ignore lint/suspicious/noExplicitAny: every SDK client has this, untyped
    name = (new of({ ...quiet, region: "us-east-1" }) as any).config.defaultSigningName as string;
    signingNames.set(of, name);
  }
  return name;
}

const noAuth = "smithy.api#noAuth";
/** Everything that a client would otherwise look up in files and variables, and nothing that costs time on the way. */
const quiet = {
  endpoint: "http://127.0.0.1",
  credentials: { accessKeyId: "in-process", secretAccessKey: "in-process" },
  httpAuthSchemeProvider: () => [{ schemeId: noAuth }],
  // biome-ignore lint/suspicious/noExplicitAny: passes any request on
  httpAuthSchemes: [{ schemeId: noAuth, identityProvider: () => async () => ({}), signer: { sign: async (request: any) => request } }],
  maxAttempts: 1,
  retryMode: "standard",
  defaultsMode: "standard",
  useDualstackEndpoint: false,
  useFipsEndpoint: false,
  disableHostPrefix: true,
  userAgentAppId: "mayfly",
  // S3's own: paths instead of hosts, no checksums on a way where nothing gets lost.
  forcePathStyle: true,
  requestChecksumCalculation: "WHEN_REQUIRED",
  responseChecksumValidation: "WHEN_REQUIRED",
  useArnRegion: false,
  disableMultiregionAccessPoints: true,
  disableS3ExpressSessionAuth: true,
};
