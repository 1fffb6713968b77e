import type { Place } from "./records.ts";

/** One session a pipeline, so that its credentials are asked for once and not at each action. */
export const sessionName = (place: Place): string => place.pipeline.slice(0, 64).padEnd(2, "-");
