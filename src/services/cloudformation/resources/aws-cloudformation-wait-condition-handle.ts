import type { ResourceType } from "./resource.ts";

/** An address; a wait condition counts what is answered there. */
export default {
  properties: [],
  async create(work) {
    const address = await work.desk.address(work, "wait");
    return { physicalId: address, attributes: { Id: address }, state: work.token };
  },
  delete: async () => {},
} satisfies ResourceType;
