/** Cross-origin answers of a function URL, from its configuration: pure. */
import type { Cors } from "./records.ts";

type Headers = Readonly<Record<string, string>>;

const matches = (pattern: string, origin: string) => {
  if (pattern === "*" || pattern.toLowerCase() === origin.toLowerCase()) return true;
  const [before = "", after] = pattern.split("*");
  return after !== undefined && origin.startsWith(before) && origin.endsWith(after) && origin.length >= before.length + after.length;
};

/** What is added to every answer; nothing to requests that name no allowed origin. */
export const corsHeaders = (cors: Cors, request: Headers): Record<string, string> => {
  const { origin } = request;
  const allowed = origin === undefined ? undefined : (cors.AllowOrigins ?? []).find((pattern) => matches(pattern, origin));
  if (origin === undefined || allowed === undefined) return {};
  return {
    "access-control-allow-origin": allowed === "*" && !cors.AllowCredentials ? "*" : origin,
    ...(allowed !== "*" && { vary: "Origin" }),
    ...(cors.AllowCredentials && { "access-control-allow-credentials": "true" }),
    ...((cors.ExposeHeaders ?? []).length > 0 && { "access-control-expose-headers": (cors.ExposeHeaders as string[]).join(",") }),
  };
};

export const isPreflight = (method: string, request: Headers): boolean =>
  method === "OPTIONS" && request.origin !== undefined && request["access-control-request-method"] !== undefined;

/** The answer to a browser's question; the function is not asked. */
export const preflightHeaders = (cors: Cors, request: Headers): Record<string, string> => {
  const shared = corsHeaders(cors, request);
  if (Object.keys(shared).length === 0) return {};
  const method = request["access-control-request-method"] ?? "";
  const methods = cors.AllowMethods ?? [];
  return {
    ...shared,
    ...(methods.length > 0 && { "access-control-allow-methods": methods.includes("*") ? method : methods.join(",") }),
    ...((cors.AllowHeaders ?? []).length > 0 && {
      "access-control-allow-headers": (cors.AllowHeaders as string[]).includes("*")
        ? (request["access-control-request-headers"] ?? "*")
        : (cors.AllowHeaders as string[]).join(","),
    }),
    ...(cors.MaxAge !== undefined && { "access-control-max-age": String(cors.MaxAge) }),
  };
};
