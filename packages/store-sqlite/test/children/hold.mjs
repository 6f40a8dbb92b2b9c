// Opens the store, says how that went, and holds it until it is killed.
import { createSqliteStore } from "@durable-mcp/store-sqlite";

const [, , file, startAtMs = "0"] = process.argv;
while (Date.now() < Number(startAtMs));
let store;
try {
  store = createSqliteStore({ file });
  await store.ready();
  console.log("open");
} catch (error) {
  console.log(`${error.code ?? error.name} ${error.message}`);
}
// Refers to the store, lest it be collected as garbage, which would close the file.
setInterval(() => store, 60_000);
