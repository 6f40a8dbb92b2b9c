import { createMemoryStore } from "@durable-mcp/store-memory";
import { serveDurable } from "./serve-durable.js";

// Our endpoint on the memory store.
serveDurable(createMemoryStore());
