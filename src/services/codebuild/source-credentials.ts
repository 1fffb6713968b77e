import type * as sdk from "@aws-sdk/client-codebuild";
import type { Handlers } from "../../protocols/operations.ts";
import type { Context } from "../service.ts";
import { exists, invalid, notFound } from "./declaration.ts";
import { type Place, type SourceCredential, sourceCredentials } from "./records.ts";

const arnOf = (of: SourceCredential) =>
  `arn:aws:codebuild:${of.region}:${of.account}:token/${of.serverType.toLowerCase().replaceAll("_", "-")}`;
const keyOf = (at: Place, serverType: string) => [at.account, at.region, serverType];

/** Tokens by which private git repositories are cloned: one for each kind of server. */
export const sourceCredentialOperations = ({ store }: Context): Handlers<typeof sdk> => ({
  async ImportSourceCredentials(input, call) {
    const { serverType = "GITHUB", authType = "PERSONAL_ACCESS_TOKEN", username, token = "" } = input;
    if (authType !== "PERSONAL_ACCESS_TOKEN" && authType !== "BASIC_AUTH") throw invalid(`not implemented: authType ${authType}`);
    if (authType === "BASIC_AUTH" && !username) throw invalid("username must be specified with authType BASIC_AUTH");
    const credential: SourceCredential = { account: call.account, region: call.region, serverType, authType, username, token };
    await store.write(async (tx) => {
      if (await tx.create(sourceCredentials, keyOf(call, serverType), credential)) return;
      if (input.shouldOverwrite === false) throw exists(`Access token with server type ${serverType} already exists`);
      await tx.put(sourceCredentials, keyOf(call, serverType), credential);
    });
    return { arn: arnOf(credential) };
  },

  async ListSourceCredentials(_input, call) {
    const all = await store.read((tx) => tx.list(sourceCredentials, { prefix: [call.account, call.region] }));
    return {
      sourceCredentialsInfos: all.map((one) => ({
        arn: arnOf(one),
        serverType: one.serverType as sdk.ServerType,
        authType: one.authType as sdk.AuthType,
      })),
    };
  },

  async DeleteSourceCredentials(input, call) {
    await store.write(async (tx) => {
      const all = await tx.list(sourceCredentials, { prefix: [call.account, call.region] });
      const found = all.find((one) => arnOf(one) === input.arn);
      if (!found) throw notFound(`Source credentials cannot be found: ${input.arn}`);
      await tx.delete(sourceCredentials, keyOf(call, found.serverType));
    });
    return { arn: input.arn };
  },
});
