export { type DropInStore, dropInStore } from "./drop-in-store.js";
export { fromSdkEventStore, isSdkEventStore } from "./from-sdk-event-store.js";
export type { SdkEventStore } from "./sdk-event-store.js";
