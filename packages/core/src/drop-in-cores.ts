import type { Store } from "@durable-mcp/contract";
import { type DropInSettings, type DropInStore, timerMs } from "./drop-in-options.js";
import { EndpointCore } from "./endpoint-core.js";
import type { EndpointSettings } from "./options.js";

/** What the SDK's class leaves to the application, or has no option for. */
const FIXED = {
  storedHeaders: [],
  maxSessionsPerPrincipal: Number.MAX_SAFE_INTEGER,
  maxSessions: Number.MAX_SAFE_INTEGER,
  maxCallsPerSession: 1_000,
  maxSessionLength: 256 * 1024,
  heartbeatTtlMs: 5_000,
  // What goes wrong is told to the transport's `onerror`.
  logger: { info: () => {}, warn: () => {}, error: () => {} },
};

const cores = new WeakMap<Store, Map<string, EndpointCore>>();

/** The core that serves every drop-in transport of this store and these settings: one house-keeping for all of them. */
export function coreFor({ store, resumable }: DropInStore, settings: DropInSettings): EndpointCore {
  const own = {
    resumable,
    namesSession: settings.sessionIdGenerator !== undefined,
    secondGet: settings.secondGet,
    invalidMessages: settings.invalidMessages,
    batches: settings.batches,
    keepAliveMs: timerMs(settings.keepAliveMs),
    retryMs: settings.retryInterval,
    enableJsonResponse: settings.enableJsonResponse,
    idleTtlMs: settings.idleTtlMs,
    maxBodyBytes: settings.maxRequestBodySize,
  } satisfies Partial<EndpointSettings>;
  const ofStore = cores.get(store) ?? new Map<string, EndpointCore>();
  cores.set(store, ofStore);
  const name = JSON.stringify(own);
  const core = ofStore.get(name) ?? new EndpointCore({ ...FIXED, ...own, store });
  ofStore.set(name, core);
  return core;
}
