export { createMemoryBackend, createMemoryStore } from "./create-memory-store.js";
export type { MemoryBackend, MemoryUsage } from "./memory-backend.js";
export type { MemoryBackendOptions, MemoryStoreOptions } from "./options.js";
