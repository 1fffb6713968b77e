/** Addresses at which custom resources and wait conditions are answered, and what was answered there. */
import { createHash } from "node:crypto";
import type { Context, HttpRequest, HttpResponse } from "../service.ts";
import { wake } from "./history.ts";
import { answers, calls } from "./records.ts";
import type { Desk } from "./resources/resource.ts";

const prefix = "/_mayfly/cloudformation/response/";
const most = 4096;

export const addresses = (context: Context): Pick<Desk, "address" | "answers" | "signals"> => ({
  async address({ stack, logicalId, token }, kind) {
    // The token is random and known to nobody but the record of its step; what follows from it cannot be guessed either.
    const secret = createHash("sha256").update(`answer ${token}`).digest("base64url");
    const { account, region, uuid } = stack;
    await context.store.write((tx) => tx.put(calls, [account, region, secret], { stackUuid: uuid, logicalId, token, kind }));
    return `${stack.endpoint}${prefix}${account}.${region}.${secret}`;
  },
  async answers({ stack, logicalId, token }) {
    const found = await context.store.read((tx) =>
      tx.entries(answers, { prefix: [stack.account, stack.region, stack.uuid, logicalId, token] }),
    );
    return new Map(found.map(({ key, value }) => [key.at(-1) as string, value]));
  },
  async signals({ stack }, address) {
    const { account, region, uuid } = stack;
    const secret = address.slice(address.lastIndexOf(".") + 1);
    const found = await context.store.read(async (tx) => {
      const call = await tx.get(calls, [account, region, secret]);
      if (call?.stackUuid !== uuid) return [];
      return tx.entries(answers, { prefix: [account, region, uuid, call.logicalId, call.token] });
    });
    return new Map(found.map(({ key, value }) => [key.at(-1) as string, value]));
  },
});

export const takeAnswer =
  (context: Context) =>
  async (request: HttpRequest): Promise<HttpResponse> => {
    const parts = /^(\d{12})\.([a-z0-9-]+)\.([\w-]+)$/.exec(request.path.startsWith(prefix) ? request.path.slice(prefix.length) : "");
    const answer = (status: number, message = ""): HttpResponse => ({ status, headers: { "content-type": "text/plain" }, body: message });
    if (!parts) return answer(404, "there is nothing here");
    if (request.method !== "PUT") return answer(405, "an answer is given with PUT");
    const [, account = "", region = "", secret = ""] = parts;
    const call = await context.store.read((tx) => tx.get(calls, [account, region, secret]));
    if (!call) return answer(403, "nobody waits for an answer here");
    const chunks: Uint8Array[] = [];
    let size = 0;
    for await (const chunk of request.body) {
      size += (chunk as Uint8Array).length;
      if (size > most) return answer(413, `an answer may not exceed ${most} bytes`);
      chunks.push(chunk as Uint8Array);
    }
    let body: Record<string, unknown>;
    try {
      body = JSON.parse(Buffer.concat(chunks).toString()) as Record<string, unknown>;
      if (typeof body !== "object" || body === null || Array.isArray(body)) throw new Error("no object");
    } catch {
      return answer(400, "an answer is a JSON object");
    }
    const unique = call.kind === "wait" ? String(body.UniqueId ?? "") : "";
    await context.store.write(async (tx) => {
      // The first answer counts; what is sent again changes nothing.
      await tx.create(answers, [account, region, call.stackUuid, call.logicalId, call.token, unique], body);
      await tx.later(wake({ account, region, uuid: call.stackUuid }));
    });
    return answer(200);
  };
