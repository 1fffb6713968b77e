import assert from "node:assert/strict";
import { test } from "node:test";
import { BadPolicy, pauseAfter, retryPolicyOf } from "./retries.ts";

const pauses = (policy: ReturnType<typeof retryPolicyOf>, most: number) =>
  Array.from({ length: most }, (_, index) => pauseAfter(policy, index + 1));

test("an HTTP endpoint is tried three times more, twenty seconds apart", () =>
  assert.deepEqual(pauses(retryPolicyOf("http"), 4), [20, 20, 20, undefined]));

test("a subscription's policy is followed", () => {
  const policy = JSON.stringify({
    healthyRetryPolicy: {
      numRetries: 6,
      minDelayTarget: 1,
      maxDelayTarget: 11,
      numNoDelayRetries: 1,
      numMinDelayRetries: 1,
      numMaxDelayRetries: 2,
      backoffFunction: "linear",
    },
  });
  assert.deepEqual(pauses(retryPolicyOf("https", policy), 7), [0, 1, 6, 11, 11, 11, undefined]);
});

test("a topic's policy holds for subscriptions that have none, or may have none", () => {
  const topic = (disableSubscriptionOverrides: boolean) =>
    JSON.stringify({
      http: { defaultHealthyRetryPolicy: { numRetries: 1, minDelayTarget: 5, maxDelayTarget: 5 }, disableSubscriptionOverrides },
    });
  const own = JSON.stringify({ healthyRetryPolicy: { numRetries: 0 } });
  assert.deepEqual(pauses(retryPolicyOf("http", undefined, topic(false)), 2), [5, undefined]);
  assert.deepEqual(pauses(retryPolicyOf("http", own, topic(false)), 1), [undefined]);
  assert.deepEqual(pauses(retryPolicyOf("http", own, topic(true)), 2), [5, undefined]);
});

test("functions and mail have long ways of their own", () => {
  for (const protocol of ["lambda", "email", "email-json"]) {
    const policy = retryPolicyOf(protocol, '{"healthyRetryPolicy":{"numRetries":0}}');
    assert.ok(policy.retries >= 50);
    const found = pauses(policy, policy.retries) as number[];
    assert.ok(found.every((pause, index) => index === 0 || pause >= (found[index - 1] as number)));
    assert.equal(pauseAfter(policy, policy.retries + 1), undefined);
  }
});

for (const policy of [
  "x",
  "[1",
  '{"healthyRetryPolicy":{"numRetries":101}}',
  '{"healthyRetryPolicy":{"numRetries":"3"}}',
  '{"healthyRetryPolicy":{"minDelayTarget":30,"maxDelayTarget":20}}',
  '{"healthyRetryPolicy":{"numRetries":1,"numNoDelayRetries":2}}',
  '{"healthyRetryPolicy":{"backoffFunction":"random"}}',
])
  test(`refused: ${policy}`, () => assert.throws(() => retryPolicyOf("http", policy), BadPolicy));
