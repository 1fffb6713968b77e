/** Fetches a file of our own server's that no AWS client knows. */
import { createWriteStream } from "node:fs";
import { type IncomingMessage, request } from "node:http";
import { pipeline } from "node:stream/promises";

/** False: there is no such file, or it did not arrive whole. Throws when it is called off. */
export const download = async (url: string, basic: string, file: string, signal: AbortSignal): Promise<boolean> => {
  try {
    const headers = { authorization: `Basic ${Buffer.from(basic).toString("base64")}` };
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      request(url, { headers, signal }, resolve).on("error", reject).end();
    });
    if (response.statusCode !== 200) {
      response.resume();
      return false;
    }
    await pipeline(response, createWriteStream(file), { signal });
    return response.complete;
  } catch {
    signal.throwIfAborted();
    return false;
  }
};
