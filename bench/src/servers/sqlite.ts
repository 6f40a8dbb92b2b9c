import { join } from "node:path";
import { createSqliteStore } from "@durable-mcp/store-sqlite";
import { serveDurable } from "./serve-durable.js";

// Our endpoint on a fresh SQLite file in the folder that the main process has made for it.
const [folder] = process.argv.slice(2);
if (folder === undefined) throw new TypeError("The folder of the file must be given.");
serveDurable(createSqliteStore({ file: join(folder, "mcp.db") }));
