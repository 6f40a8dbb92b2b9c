export { type DropInStore, dropInStore } from "./drop-in-store.js";
export { fromSdkEventStore, isSdkEventStore } from "./from-sdk-event-store.js";
export type { SdkEventStore } from "./sdk-event-store.js";
export { type SessionEventStore, toSdkEventStore } from "./to-sdk-event-store.js";
export type { ToSdkEventStoreOptions } from "./to-sdk-options.js";
