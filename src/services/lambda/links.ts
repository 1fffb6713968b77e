/** Addresses by which a deployment package can be fetched for ten minutes without signing in, as S3's presigned ones. */
import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import { BlobNotFound } from "../../store/blobs.ts";
import type { Context, HttpRequest, HttpResponse } from "../service.ts";
import { secrets } from "./records.ts";
import type { Place } from "./world.ts";

export const codePath = "/_mayfly/lambda/code/";
const seconds = 600;

const sign = (secret: string, blob: string, until: number) => createHmac("sha256", secret).update(`${blob} ${until}`).digest("hex");

const secretOf = async ({ store }: Context, { account, region }: Place): Promise<string> => {
  const key = [account, region, "links"];
  const known = await store.read((tx) => tx.get(secrets, key));
  if (known) return known.secret;
  return store.write(async (tx) => {
    const there = await tx.get(secrets, key);
    const made = there ?? { secret: randomBytes(32).toString("hex") };
    if (!there) await tx.put(secrets, key, made);
    return made.secret;
  });
};

export const codeLink = async (context: Context, place: Place, endpoint: string, blob: string): Promise<string> => {
  const until = Math.floor(context.clock.now().getTime() / 1000) + seconds;
  return `${endpoint}${codePath}${place.account}/${place.region}/${blob}?until=${until}&signature=${sign(await secretOf(context, place), blob, until)}`;
};

/** Answers such a request. */
export const followCodeLink = async (context: Context, request: HttpRequest): Promise<HttpResponse> => {
  const refused = { status: 403, headers: { "content-type": "application/json" }, body: JSON.stringify({ Message: "Forbidden" }) };
  const [, account = "", region = "", blob = ""] =
    /^([0-9]{12})\/([a-z0-9-]+)\/([0-9a-f]+)$/.exec(request.path.slice(codePath.length))?.values() ?? [];
  const query = new URLSearchParams(request.query);
  const until = Number(query.get("until"));
  const signature = Buffer.from(query.get("signature") ?? "");
  const secret = await context.store.read((tx) => tx.get(secrets, [account, region, "links"]));
  if (request.method !== "GET" || !secret || !(until * 1000 > context.clock.now().getTime())) return refused;
  const expected = Buffer.from(sign(secret.secret, blob, until));
  if (signature.length !== expected.length || !timingSafeEqual(signature, expected)) return refused;
  try {
    return { status: 200, headers: { "content-type": "application/zip" }, body: await context.blobs.get(blob) };
  } catch (error) {
    if (!(error instanceof BlobNotFound)) throw error;
    return { ...refused, status: 404, body: JSON.stringify({ Message: "This code was replaced or deleted." }) };
  }
};
