import { readFileSync } from "node:fs";
import { dirname } from "node:path";
import { expect, it } from "vitest";
import { createSqliteStore } from "../src/index.js";
import { keyOf, openStore, readAll } from "./open-store.js";
import { tempFile } from "./temp-dir.js";

it("the README's example does what it says", async () => {
  const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");
  const example = /```ts\n(.*?)```/s.exec(readme)?.[1] ?? "";
  expect(example).toContain('import { createSqliteStore } from "@durable-mcp/store-sqlite";');
  const body = example.replace(/^import .*$/gm, "");
  const run = new Function("createSqliteStore", "console", `return (async () => {${body}})()`);

  const dir = dirname(tempFile());
  const before = process.cwd();
  process.chdir(dir);
  const printed: unknown[] = [];
  try {
    await run(createSqliteStore, { log: (value: unknown) => printed.push(value) });
  } finally {
    process.chdir(before);
  }
  const payload = '{"jsonrpc":"2.0","method":"ping"}';
  expect(printed).toMatchObject([{ outcome: "page", events: [{ offset: 1, payload }], ended: false }]);
  const next = openStore({ file: `${dir}/data/sessions.db` });
  expect(await readAll(next, keyOf("session-1", "g"))).toMatchObject([{ payload }]);
});
