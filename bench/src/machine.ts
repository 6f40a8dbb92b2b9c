import { readFileSync } from "node:fs";
import { cpus } from "node:os";
import type { Scale } from "./scale.js";

const PACKAGES = ["@modelcontextprotocol/sdk", "better-sqlite3"];

/** What a reader has to know of where and when figures were made. */
export function describeRun(date: Date, { rounds }: Scale): string {
  const processors = cpus();
  const versions = PACKAGES.map((name) => `${name} ${versionOf(name)}`);
  return [
    `Node ${process.version}`,
    `${processors.length} x ${processors[0]?.model.trim() || "unknown CPU"}`,
    ...versions,
    date.toISOString().slice(0, 10),
    `${rounds} ${rounds === 1 ? "round" : "rounds"}`,
  ].join(", ");
}

function versionOf(name: string): string {
  const file = new URL(`../node_modules/${name}/package.json`, import.meta.url);
  const { version } = JSON.parse(readFileSync(file, "utf8")) as { readonly version: string };
  return version;
}
