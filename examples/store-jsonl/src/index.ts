export { createJsonlStore, type JsonlStoreOptions } from "./create-jsonl-store.js";
