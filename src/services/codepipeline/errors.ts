/** Throws the SDK's own exceptions. */
import type { CodePipelineServiceException } from "@aws-sdk/client-codepipeline";

export const problem = <E extends CodePipelineServiceException>(
  // biome-ignore lint/suspicious/noExplicitAny: each exception class has its own options type
  Exception: new (options: any) => E,
  message: string,
): E => new Exception({ message, $metadata: {} });
