import { type Made, type NestedState, ResourceFailure, type ResourceType, type Wait } from "./resource.ts";

const made = (id: string, state: NestedState): Made => ({
  physicalId: id,
  attributes: Object.fromEntries(Object.entries(state.outputs).map(([key, value]) => [`Outputs.${key}`, value])),
  state: state.version,
});

export default {
  properties: ["TemplateURL", "Parameters", "Tags", "NotificationARNs", "TimeoutInMinutes"],
  name: { property: "StackName", most: 128 },
  changing: "all",
  always: true,

  async create(work) {
    const id = await work.desk.nested.create(work);
    work.exists(id);
    return { wait: true, physicalId: id };
  },
  async update(change): Promise<Made | Wait> {
    if (await change.desk.nested.update(change)) return { wait: true, physicalId: change.physicalId };
    const state = await change.desk.nested.look(change, change.physicalId);
    if (!state) throw new ResourceFailure(`Embedded stack ${change.physicalId} does not exist`);
    return made(change.physicalId, state);
  },
  async delete(removal) {
    if (await removal.desk.nested.delete(removal)) return { wait: true, physicalId: removal.physicalId };
    return undefined;
  },
  async look(waiting) {
    const id = waiting.physicalId ?? "";
    const state = await waiting.desk.nested.look(waiting, id);
    if (!state || state.status === "DELETE_COMPLETE") {
      if (waiting.action === "delete") return { physicalId: id };
      throw new ResourceFailure(`Embedded stack ${id} was deleted`);
    }
    if (/_IN_PROGRESS$/.test(state.status)) return { wait: true, physicalId: id };
    const good =
      waiting.action === "create" ? state.status === "CREATE_COMPLETE" : waiting.action === "update" && state.status === "UPDATE_COMPLETE";
    if (good) return made(id, state);
    const verb = { create: "created", update: "updated", delete: "deleted" }[waiting.action];
    throw new ResourceFailure(`Embedded stack ${id} was not successfully ${verb}: ${state.reason ?? state.status}`);
  },
} satisfies ResourceType;
