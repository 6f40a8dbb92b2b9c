import { testBinding } from "@durable-mcp/contract-tests";
import { afterAll, afterEach } from "vitest";
import { SDKS, type SdkName } from "../support/sdk-table.js";
import { ALL_STORES } from "../support/stores.js";
import { textTable } from "../support/text-table.js";
import { BINDINGS } from "./bindings.js";
import { pairwise, product } from "./pairwise.js";
import { SERVER_OBJECTS } from "./server-objects.js";

const names = [BINDINGS.map(({ name }) => name), ALL_STORES.map(({ name }) => name), [...SDKS]];
/** Every binding with every store and every SDK, by twos; DURABLE_MCP_FULL=1 runs the product. */
const rows = process.env.DURABLE_MCP_FULL ? product(names) : pairwise(names);

const counts = new Map(rows.map((row) => [nameOf(row), { passed: 0, failed: 0 }]));
afterEach(({ task }) => {
  const count = [...counts].find(([name]) => task.suite?.name.endsWith(` ${name}`))?.[1];
  if (count) count[task.result?.state === "fail" ? "failed" : "passed"] += 1;
});
afterAll(() => {
  const lines = rows.map((row) => {
    const { passed = 0, failed = 0 } = counts.get(nameOf(row)) ?? {};
    return [...row, passed, failed];
  });
  console.log(textTable(["binding", "store", "sdk", "passed", "failed"], lines));
});

for (const row of rows) {
  const [bindingName, storeName, sdk] = row;
  const binding = BINDINGS.find(({ name }) => name === bindingName);
  const kind = ALL_STORES.find(({ name }) => name === storeName);
  if (!binding || !kind) throw new Error(`No such combination: ${nameOf(row)}`);
  testBinding(nameOf(row), {
    ...binding,
    openStore: async () => {
      const { store, dispose } = kind.open();
      return { ...store, close: dispose };
    },
    createServerObject: SERVER_OBJECTS[sdk as SdkName],
  });
}

function nameOf(row: readonly string[]): string {
  return row.join(", ");
}
