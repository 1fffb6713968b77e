import type { Verb } from "./command.ts";

/** The commands; each is loaded when it is called. */
export const verbs: Readonly<Record<string, Verb>> = {
  demo: { summary: "push a sample application and watch it go live", load: () => import("./demo.ts") },
  up: { summary: "start the server", load: () => import("./up.ts") },
  env: { summary: "print what points aws, the SDKs and git at the running server", load: () => import("./env.ts") },
  init: { summary: "give the git repository you stand in a delivery pipeline", load: () => import("./init.ts") },
  mail: { summary: "show the e-mails that no SMTP server took", load: () => import("./mail.ts") },
  doctor: { summary: "say what is there, what is missing and how to get it", load: () => import("./doctor.ts") },
};
