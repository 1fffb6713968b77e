import type { ResourceType } from "./resource.ts";

/** What the CDK tells AWS about itself. It makes nothing, here as there. */
export default {
  properties: ["Analytics"],
  create: async (work) => ({ physicalId: work.name }),
  update: async ({ physicalId }) => ({ physicalId }),
  delete: async () => {},
} satisfies ResourceType;
