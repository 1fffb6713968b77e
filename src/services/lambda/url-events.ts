/** HTTP ↔ the events and answers of function URLs, payload format 2.0: pure. */

export interface UrlRequest {
  readonly urlId: string;
  readonly host: string;
  readonly method: string;
  /** As sent, below the URL's root. */
  readonly path: string;
  readonly query: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
  readonly sourceIp: string;
  readonly requestId: string;
  readonly now: Date;
  readonly signer?: { readonly account: string; readonly arn: string; readonly id: string; readonly accessKeyId?: string };
}
export interface UrlResponse {
  readonly status: number;
  readonly headers: Record<string, string | string[]>;
  readonly body: Uint8Array;
}

const months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const two = (value: number) => String(value).padStart(2, "0");
/** `12/Mar/2020:19:03:58 +0000`. */
const clf = (at: Date) =>
  `${two(at.getUTCDate())}/${months[at.getUTCMonth()]}/${at.getUTCFullYear()}:${two(at.getUTCHours())}:${two(at.getUTCMinutes())}:${two(at.getUTCSeconds())} +0000`;

const isText = (type: string | undefined) => /^(text\/.*|application\/(json|xml|javascript)|[^;]*\+(json|xml))\s*(;|$)/i.test(type ?? "");

export const eventOf = (request: UrlRequest): Record<string, unknown> => {
  const { cookie, ...headers } = request.headers;
  const parameters: Record<string, string> = {};
  for (const [name, value] of new URLSearchParams(request.query))
    parameters[name] = name in parameters ? `${parameters[name]},${value}` : value;
  const plain = isText(headers["content-type"]);
  return {
    version: "2.0",
    routeKey: "$default",
    rawPath: request.path,
    rawQueryString: request.query,
    ...(cookie !== undefined && { cookies: cookie.split(/;\s*/) }),
    headers,
    ...(request.query !== "" && { queryStringParameters: parameters }),
    requestContext: {
      accountId: request.signer?.account ?? "anonymous",
      apiId: request.urlId,
      ...(request.signer && {
        authorizer: {
          iam: {
            accessKey: request.signer.accessKeyId ?? null,
            accountId: request.signer.account,
            callerId: request.signer.id,
            cognitoIdentity: null,
            principalOrgId: null,
            userArn: request.signer.arn,
            userId: request.signer.id,
          },
        },
      }),
      domainName: request.host,
      domainPrefix: request.urlId,
      http: {
        method: request.method,
        path: request.path,
        protocol: "HTTP/1.1",
        sourceIp: request.sourceIp,
        userAgent: headers["user-agent"] ?? "",
      },
      requestId: request.requestId,
      routeKey: "$default",
      stage: "$default",
      time: clf(request.now),
      timeEpoch: request.now.getTime(),
    },
    ...(request.body.length > 0 && { body: Buffer.from(request.body).toString(plain ? "utf8" : "base64") }),
    isBase64Encoded: request.body.length > 0 && !plain,
  };
};

const own = new Set(["connection", "content-length", "keep-alive", "transfer-encoding", "upgrade", "te", "trailer", "proxy-authenticate"]);

/** The answer to a function's result. */
export const responseOf = (payload: Uint8Array): UrlResponse => {
  const text = Buffer.from(payload).toString();
  let result: unknown;
  try {
    result = JSON.parse(text);
  } catch {
    return badGateway;
  }
  // biome-ignore lint/suspicious/noExplicitAny: whatever the function answered
  const told = result as any;
  if (typeof result !== "object" || result === null || !("statusCode" in result))
    return { status: 200, headers: { "content-type": "application/json" }, body: Buffer.from(text) };
  const status = Number(told.statusCode);
  if (!Number.isInteger(status) || status < 100 || status > 599) return badGateway;
  const headers: Record<string, string | string[]> = { "content-type": "application/json" };
  for (const [name, value] of Object.entries(told.headers ?? {}))
    if (!own.has(name.toLowerCase())) headers[name.toLowerCase()] = String(value);
  if (Array.isArray(told.cookies) && told.cookies.length > 0) headers["set-cookie"] = told.cookies.map(String);
  const { body } = told;
  const bytes =
    body === undefined || body === null
      ? Buffer.alloc(0)
      : typeof body === "string"
        ? Buffer.from(body, told.isBase64Encoded === true ? "base64" : "utf8")
        : Buffer.from(JSON.stringify(body));
  return { status, headers, body: bytes };
};

const message = (status: number, text: string): UrlResponse => ({
  status,
  headers: { "content-type": "application/json" },
  body: Buffer.from(text),
});
export const badGateway = message(502, "Internal Server Error");
export const forbidden = message(403, '{"Message":"Forbidden"}');
export const tooMany = message(429, '{"Message":"Rate Exceeded."}');
export const tooLong = message(413, '{"Message":"Request Too Long"}');
