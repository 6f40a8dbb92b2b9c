import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";

const README = join(import.meta.dirname, "../../packages/contract-tests/README.md");

const blocks = readFileSync(README, "utf8").matchAll(/```js\n(.*?)```/gs);
const example = [...blocks].map(([, code = ""]) => code).find((code) => code.includes("testBinding("));

// Below test/, so that the example's imports are found.
const folder = mkdtempSync(join(import.meta.dirname, ".example-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it("the README has an example of a binding's tests", () => {
  expect(example).toBeDefined();
});

// Registers every case.
writeFileSync(join(folder, "example.mjs"), example ?? "");
await import(join(folder, "example.mjs"));
