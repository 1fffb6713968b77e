import assert from "node:assert/strict";
import type { GetObjectCommandOutput, S3ServiceException } from "@aws-sdk/client-s3";

export const textOf = async ({ Body }: GetObjectCommandOutput): Promise<string> => {
  assert.ok(Body);
  return Body.transformToString();
};

/** That a call fails with that code and status; gives the error, for more. */
export const fails = async (call: Promise<unknown>, code: string | undefined, status: number): Promise<S3ServiceException> => {
  const error: S3ServiceException = await call.then(
    () => assert.fail(`no error, where ${code ?? status} was due`),
    (thrown) => thrown,
  );
  if (code !== undefined) assert.equal(error.name, code, error.message);
  assert.equal(error.$metadata?.httpStatusCode, status, error.message);
  return error;
};
