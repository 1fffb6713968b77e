import { engineContract } from "../../src/engines/engine.contract.ts";
import type { ContainerSpec } from "../../src/engines/engine.ts";
import { createScripted } from "../../src/engines/scripted.ts";

/** Understands the few shell commands of the contract. */
const shell = async (spec: ContainerSpec, write: (text: string) => void, stopped: Promise<void>) => {
  for (const command of (spec.command[2] as string).split("; ")) {
    const [verb, argument = ""] = command.split(" ");
    if (verb === "echo") write(`${argument}\n`);
    if (verb === "printf") write(argument);
    if (verb === "exit") return { code: Number(argument) };
    if (verb === "sleep") await Promise.race([stopped, new Promise((resolve) => setTimeout(resolve, Number(argument) * 1000).unref())]);
  }
  return { code: 0 };
};

engineContract("scripted", async () => {
  const engine = createScripted(shell);
  return { engine, restarted: () => engine.restarted(), close: () => engine.sweep(new Set()) };
});
