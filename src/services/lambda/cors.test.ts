import assert from "node:assert/strict";
import { test } from "node:test";
import { corsHeaders, isPreflight, preflightHeaders } from "./cors.ts";

const origin = "https://app.example.com";
const cases: [string, Parameters<typeof corsHeaders>, Record<string, string>][] = [
  ["anybody", [{ AllowOrigins: ["*"] }, { origin }], { "access-control-allow-origin": "*" }],
  ["one origin", [{ AllowOrigins: [origin] }, { origin }], { "access-control-allow-origin": origin, vary: "Origin" }],
  ["a pattern", [{ AllowOrigins: ["https://*.example.com"] }, { origin }], { "access-control-allow-origin": origin, vary: "Origin" }],
  ["another origin", [{ AllowOrigins: ["https://other.example.com"] }, { origin }], {}],
  ["no origin", [{ AllowOrigins: ["*"] }, {}], {}],
  [
    "credentials",
    [{ AllowOrigins: ["*"], AllowCredentials: true }, { origin }],
    { "access-control-allow-origin": origin, "access-control-allow-credentials": "true" },
  ],
  [
    "exposed headers",
    [{ AllowOrigins: ["*"], ExposeHeaders: ["a", "b"] }, { origin }],
    { "access-control-allow-origin": "*", "access-control-expose-headers": "a,b" },
  ],
];
for (const [what, given, expected] of cases) test(`CORS for ${what}`, () => assert.deepEqual(corsHeaders(...given), expected));

test("a preflight is answered from the configuration", () => {
  const asked = { origin, "access-control-request-method": "PUT", "access-control-request-headers": "x-a" };
  assert.equal(isPreflight("OPTIONS", asked), true);
  assert.equal(isPreflight("OPTIONS", { origin }), false);
  assert.deepEqual(preflightHeaders({ AllowOrigins: ["*"], AllowMethods: ["*"], AllowHeaders: ["*"], MaxAge: 5 }, asked), {
    "access-control-allow-origin": "*",
    "access-control-allow-methods": "PUT",
    "access-control-allow-headers": "x-a",
    "access-control-max-age": "5",
  });
  assert.deepEqual(preflightHeaders({ AllowOrigins: ["https://no.example.com"] }, asked), {});
});
