export type { Change, ChangeBus } from "./change-bus.js";
export { DurableMcpError, ERRORS, type ErrorAnswer, type ErrorCode } from "./errors.js";
export {
  type Cursor,
  formatEventId,
  formatStreamId,
  isRequestId,
  parseEventId,
  parseStreamId,
  type RequestId,
  type StreamName,
} from "./event-id.js";
export type {
  AppendOptions,
  AppendResult,
  EventLog,
  ReadLimits,
  ReadResult,
  StreamHead,
  TakeResult,
} from "./event-log.js";
export { guardStore } from "./guard-store.js";
export type { JsonObject, JsonValue } from "./json.js";
export type { Nodes } from "./nodes.js";
export type {
  CreateOptions,
  NewSession,
  QuotaRefusal,
  SessionRecord,
  SessionStore,
} from "./session-store.js";
export type { Store, StoreCapabilities } from "./store.js";
export {
  DEFAULT_RETENTION,
  type EventInput,
  type EventKind,
  type Retention,
  type StoredEvent,
  type StreamKey,
} from "./stream.js";
