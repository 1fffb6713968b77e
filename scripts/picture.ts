/** Records a real `mayfly demo` and writes docs/demo.svg: its lines appear at the times they were printed. */
import { spawn } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const root = (path: string) => fileURLToPath(new URL(`../${path}`, import.meta.url));
const began = performance.now();
const child = spawn(root("mayfly"), ["demo"], { stdio: ["ignore", "pipe", "inherit"], env: { ...process.env, FORCE_COLOR: "1" } });
const lines = [{ at: 0, text: "\u001b[2m$\u001b[0m ./mayfly demo" }];
for await (const text of createInterface({ input: child.stdout })) lines.push({ at: performance.now() - began, text });
if (child.exitCode === null) await new Promise((resolve) => child.once("exit", resolve));
if (child.exitCode !== 0) throw new Error(`the demo ended with ${child.exitCode}`);

const COLOURS: Record<string, string> = { 31: "#f47067", 32: "#57ab5a", 33: "#c69026", 34: "#539bf5" };
const escaped = (text: string) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
/** One line's spans, from its colour codes. */
const spans = (text: string): string => {
  let style = "";
  return (
    text
      // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what terminal colours are
      .split(/(\u001b\[\d+m)/)
      .map((part) => {
        // biome-ignore lint/suspicious/noControlCharactersInRegex: as above
        const code = /^\u001b\[(\d+)m$/.exec(part)?.[1];
        if (code === undefined) return part === "" ? "" : `<tspan${style}>${escaped(part)}</tspan>`;
        style =
          code === "0"
            ? ""
            : code === "1"
              ? ' font-weight="bold" fill="#fff"'
              : code === "2"
                ? ' fill="#768390"'
                : ` fill="${COLOURS[code] ?? "#adbac7"}"`;
        return "";
      })
      .join("")
  );
};
const LINE = 19;
const width = 940;
const height = lines.length * LINE + 40;
const body = lines
  .map(
    ({ at, text }, i) =>
      `<text x="20" y="${34 + i * LINE}" style="animation-delay:${(at / 1000).toFixed(2)}s" xml:space="preserve">${spans(text)}</text>`,
  )
  .join("\n");
mkdirSync(root("docs"), { recursive: true });
writeFileSync(
  root("docs/demo.svg"),
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="A recorded run of mayfly demo">
<style>text{font:14px ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;fill:#adbac7;animation:show 1ms both}@keyframes show{from{opacity:0}to{opacity:1}}</style>
<rect width="100%" height="100%" rx="8" fill="#1c2128"/>
${body}
</svg>
`,
);
