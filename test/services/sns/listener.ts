/** A little web server that keeps what it is sent. */
import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";

export interface Posted {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}
export interface Listener {
  readonly url: string;
  /** The next one that was not asked for yet. */
  next(): Promise<Posted>;
  /** How many came that nobody asked for. */
  waiting(): number;
  /** Statuses to answer with, one after another; 200 when there are none left. */
  answerWith(...statuses: number[]): void;
  stop(): Promise<void>;
}

export const listen = async (): Promise<Listener> => {
  const posted: Posted[] = [];
  const askers: ((one: Posted) => void)[] = [];
  const statuses: number[] = [];
  const server = createServer(async (request, response) => {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part);
    const one = { path: request.url ?? "", headers: request.headers, body: Buffer.concat(parts).toString() };
    response.writeHead(statuses.shift() ?? 200).end();
    const asker = askers.shift();
    if (asker) asker(one);
    else posted.push(one);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    next: () => {
      const one = posted.shift();
      return one ? Promise.resolve(one) : new Promise((resolve) => askers.push(resolve));
    },
    waiting: () => posted.length,
    answerWith: (...more) => void statuses.push(...more),
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};
