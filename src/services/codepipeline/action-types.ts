/** The action types we have. */
import type * as sdk from "@aws-sdk/client-codepipeline";
import { type ActionType, ActionTypeNotFoundException } from "@aws-sdk/client-codepipeline";
import type { Handlers } from "../../protocols/operations.ts";
import type { Provider, Property } from "./actions/action.ts";
import { providers } from "./actions/index.ts";
import { problem } from "./errors.ts";
import { partsOf } from "./lookups.ts";

const counts = ({ min, max }: { min: number; max: number }) => ({ minimumCount: min, maximumCount: max });
const built = (properties: readonly Property[]) => properties.filter(({ refused }) => !refused);

const typeOf = ({ category, provider, properties, inputs, outputs }: Provider): ActionType => ({
  id: { category, owner: "AWS", provider, version: "1" },
  settings: {},
  actionConfigurationProperties: built(properties).map(({ name, required, description }) => ({
    name,
    required,
    key: true,
    secret: false,
    queryable: false,
    description,
    type: "String",
  })),
  inputArtifactDetails: counts(inputs),
  outputArtifactDetails: counts(outputs),
});

export const actionTypeOperations = (): Handlers<typeof sdk> => ({
  ListActionTypes(input) {
    // All fit on one page, so that no token is ever ours.
    if (input.nextToken !== undefined) partsOf(input.nextToken, 0);
    const mine = input.actionOwnerFilter === undefined || input.actionOwnerFilter === "AWS";
    return { actionTypes: mine ? providers.map(typeOf) : [] };
  },
  GetActionType({ category, owner, provider, version }) {
    const found = providers.find((one) => one.category === category && one.provider === provider);
    if (!found || owner !== "AWS" || version !== "1")
      throw problem(
        ActionTypeNotFoundException,
        `The action type (Category: '${category}', Provider: '${provider}', Owner: '${owner}', Version: '${version}') cannot be found`,
      );
    return {
      actionType: {
        description: `${found.provider} (${found.category})`,
        executor: {
          type: "JobWorker",
          configuration: { jobWorkerExecutorConfiguration: { pollingServicePrincipals: ["codepipeline.amazonaws.com"] } },
          jobTimeout: found.timeoutMinutes,
        },
        id: { category: found.category, owner: "AWS", provider: found.provider, version: "1" },
        inputArtifactDetails: counts(found.inputs),
        outputArtifactDetails: counts(found.outputs),
        permissions: { allowedAccounts: ["*"] },
        properties: built(found.properties).map(({ name, required, description }) => ({
          name,
          optional: !required,
          key: true,
          noEcho: false,
          queryable: false,
          description,
        })),
        urls: {},
      },
    };
  },
});
