/** Answers requests to function URLs, by host or by path. */
import type { HttpRequest, HttpResponse } from "../service.ts";
import { corsHeaders, isPreflight, preflightHeaders } from "./cors.ts";
import { letsAnybodyIn } from "./policies.ts";
import { policies, urlIds, urls } from "./records.ts";
import { run } from "./runs.ts";
import { badGateway, eventOf, forbidden, responseOf, tooLong, tooMany, type UrlResponse } from "./url-events.ts";
import type { World } from "./world.ts";

const maximumBody = 6_291_456;
const byPath = /^\/_mayfly\/url\/([a-z0-9]+)(\/.*)?$/;
const byHost = /^([a-z0-9]+)\.lambda-url\.([a-z0-9-]+)\./;

export const answerUrl = async (world: World, request: HttpRequest): Promise<HttpResponse> => {
  const { store, clock, log } = world.context;
  const host = request.headers.host ?? "";
  const [, pathId, below = "/"] = byPath.exec(request.path) ?? [];
  const id = pathId ?? byHost.exec(host)?.[1] ?? "";
  const found = await store.read(async (tx) => {
    const place = await tx.get(urlIds, [id]);
    if (!place) return undefined;
    const key = [place.account, place.region, place.function, place.alias];
    return { place, url: await tx.get(urls, key), policy: await tx.get(policies, key) };
  });
  const { place, url, policy } = found ?? {};
  if (!place || !url) return forbidden;
  const finish = (response: UrlResponse): HttpResponse => ({
    ...response,
    headers: { ...response.headers, "x-amzn-requestid": request.requestId, ...(url.cors && corsHeaders(url.cors, request.headers)) },
  });
  if (url.cors && isPreflight(request.method, request.headers))
    return { status: 200, headers: preflightHeaders(url.cors, request.headers), body: "" };
  const signer = request.principal?.kind === "anonymous" ? undefined : request.principal;
  if (url.auth === "AWS_IAM" ? signer?.account !== place.account : !letsAnybodyIn(policy)) return finish(forbidden);
  const body = await read(request);
  if (!body) return finish(tooLong);
  const event = eventOf({
    urlId: id,
    host: host.replace(/:\d+$/, ""),
    method: request.method,
    path: pathId === undefined ? request.path : below,
    query: request.query,
    headers: {
      ...request.headers,
      "x-forwarded-for": request.headers["x-forwarded-for"] ?? request.sourceIp,
      "x-forwarded-proto": request.headers["x-forwarded-proto"] ?? "http",
    },
    body,
    sourceIp: request.sourceIp,
    requestId: request.requestId,
    now: clock.now(),
    signer: url.auth === "AWS_IAM" ? signer : undefined,
  });
  const wanted = { name: place.function, qualifier: place.alias === "" ? undefined : place.alias };
  try {
    const ran = await run(world, place, wanted, { payload: Buffer.from(JSON.stringify(event)), requestId: request.requestId });
    return finish(ran.error ? badGateway : responseOf(ran.payload));
  } catch (error) {
    if ((error as Error).name === "TooManyRequestsException") return finish(tooMany);
    log.error("a function URL cannot be answered", error, { function: place.function });
    return finish(badGateway);
  }
};

/** Undefined: too long. */
const read = async ({ body }: HttpRequest): Promise<Buffer | undefined> => {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += (chunk as Buffer).length;
    if (size > maximumBody) return undefined;
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks);
};
