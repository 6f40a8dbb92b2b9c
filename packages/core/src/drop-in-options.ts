import type { Store } from "@durable-mcp/contract";
import { z } from "zod";
import { parseWith } from "./options.js";
import type { PrincipalOf } from "./principal.js";

/** The longest time in ms that a timer can wait. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;
const DAY_MS = 24 * 60 * 60 * 1000;

const callback = <T>() =>
  z.custom<T>((value) => typeof value === "function", "expected a function").optional();
const hosts = z.array(z.string()).optional();

const optionsSchema = z.strictObject({
  /** Makes the session's id. Without it there is no session: the transport serves one request (stateless mode). */
  sessionIdGenerator: callback<() => string>(),
  /** Called, and awaited, with the id of a session that this transport has opened, or brought back from its store. */
  onsessioninitialized: callback<(sessionId: string) => void | Promise<void>>(),
  /** Called, and awaited, when the client ends the session (DELETE). */
  onsessionclosed: callback<(sessionId: string) => void | Promise<void>>(),
  /** Answers with one JSON body in place of an SSE stream. */
  enableJsonResponse: z.boolean().default(false),
  /** Values of the Host header that are allowed, with port, if `enableDnsRebindingProtection` is set. */
  allowedHosts: hosts,
  /** Values of the Origin header that are allowed, if `enableDnsRebindingProtection` is set. */
  allowedOrigins: hosts,
  enableDnsRebindingProtection: z.boolean().default(false),
  /** Reconnection time in ms that clients are told. Default: they are told none. */
  retryInterval: z.int().min(0, "expected ms, >= 0").optional(),
  /** Longest silence in ms on an SSE stream; below 1: no keep-alive. */
  keepAliveMs: z
    .custom<number>((value) => typeof value === "number" && !Number.isNaN(value), "expected ms")
    .default(15_000),
  /** Most bytes of a body that the transport reads itself; over it: 413. */
  maxRequestBodySize: z
    .number()
    .positive("expected a positive number of bytes")
    .default(4 * 1024 * 1024),
  /** What becomes of a second GET while one is open: it is refused with 409, as by the SDK, or takes over. */
  secondGet: z.enum(["refuse", "supersede"]).default("refuse"),
  /** The answer to JSON that is no JSON-RPC message: -32600, or the SDK's -32700. */
  invalidMessages: z.enum(["invalid-request", "parse-error"]).default("invalid-request"),
  /** Whether batches are taken only on the revisions that have them, or, as by the SDK, on every one. */
  batches: z.enum(["by-revision", "always"]).default("by-revision"),
  /** Time in ms after which a session without a request and without an open connection ends. The SDK's never does. */
  idleTtlMs: z.int().min(1, "expected an integer >= 1").default(DAY_MS),
  /** Names the caller; the session then belongs to that principal (G9). The SDK's transport binds it to nobody. */
  principal: callback<PrincipalOf>(),
});

/** Options of the drop-in class but for its event store. Those of the SDK's class, then our own. */
export type DropInOptions = z.input<typeof optionsSchema>;
export type DropInSettings = z.output<typeof optionsSchema>;

/** Where a drop-in transport keeps its session. */
export interface DropInStore {
  readonly store: Store;
  /** Whether clients may resume streams: events carry ids. */
  readonly resumable: boolean;
}

/**
 * Fills in defaults.
 *
 * Errors:  TypeError that names each wrong or unknown option and what was expected
 */
export function parseDropInOptions(className: string, options: DropInOptions): DropInSettings {
  return parseWith(optionsSchema, className, options);
}

/** A time for a timer; undefined for none. */
export function timerMs(ms: number): number | undefined {
  return ms < 1 || ms === Number.POSITIVE_INFINITY ? undefined : Math.min(ms, LONGEST_TIMER_MS);
}
