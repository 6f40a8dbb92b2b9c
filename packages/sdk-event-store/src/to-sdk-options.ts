import type { Store } from "@durable-mcp/contract";

/** Options of `toSdkEventStore`. */
export interface ToSdkEventStoreOptions {
  /** The MCP session whose events these are: the id that the transport's `sessionIdGenerator` returns. */
  readonly sessionId: string;
  /** Time in ms without an event stored or replayed after which the session's data is removed. Default: 24 h. */
  readonly idleTtlMs?: number;
  /** Most sessions that the store keeps for SDK transports, all handles together. Default: 10,000. */
  readonly maxSessions?: number;
}

const DEFAULTS = { idleTtlMs: 24 * 60 * 60 * 1000, maxSessions: 10_000 };

/**
 * Fills in defaults.
 *
 * Errors:  TypeError that names each wrong or unknown option and what was expected
 */
export function parseToSdkOptions(store: unknown, options: unknown): Required<ToSdkEventStoreOptions> {
  if (!isStore(store)) throw new TypeError("toSdkEventStore: store: expected a store of Durable MCP");
  if (typeof options !== "object" || options === null)
    throw new TypeError("toSdkEventStore: options: expected an object with `sessionId`");
  const complaints: string[] = [];
  const given = new Map(Object.entries(options).filter(([, value]) => value !== undefined));
  const sessionId = given.get("sessionId");
  if (typeof sessionId !== "string" || sessionId === "")
    complaints.push("options.sessionId: expected a non-empty string");
  for (const name of ["idleTtlMs", "maxSessions"]) {
    const value = given.get(name);
    if (value !== undefined && !(Number.isSafeInteger(value) && (value as number) >= 1))
      complaints.push(`options.${name}: expected an integer >= 1`);
  }
  for (const name of Object.keys(options)) {
    if (!["sessionId", ...Object.keys(DEFAULTS)].includes(name))
      complaints.push(`options.${name}: unknown option`);
  }
  if (complaints.length > 0) throw new TypeError(`toSdkEventStore: ${complaints.join("; ")}`);
  return { ...DEFAULTS, ...(Object.fromEntries(given) as unknown as ToSdkEventStoreOptions) };
}

function isStore(store: unknown): store is Store {
  const parts = ["log", "sessions", "capabilities"] as const;
  return parts.every((part) => typeof Object(store)[part] === "object" && Object(store)[part] !== null);
}
