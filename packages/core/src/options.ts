import type { JsonObject, Store } from "@durable-mcp/contract";
import { z } from "zod";
import type { JsonRpcRequest } from "./json-rpc.js";
import { isObject } from "./json-rpc.js";
import { consoleLogger, type Logger } from "./logger.js";
import type { Principal, PrincipalOf } from "./principal.js";
import type { ServerTransport } from "./server-transport.js";

/** An MCP server object, as both official SDKs make them. */
export interface ServerLike {
  connect(transport: ServerTransport): Promise<void>;
  close(): Promise<void>;
}

/** What `createServer` is told of the session it builds a server for. */
export interface SessionContext {
  readonly sessionId: string;
  /** Whose the session is; undefined where nobody is authenticated. */
  readonly principal: Principal | undefined;
  /** Query of the request that opened the session. */
  readonly query: Readonly<Record<string, string>>;
  /** Headers of that request, as far as `storedHeaders` allows. */
  readonly headers: Readonly<Record<string, string>>;
  /** True when an earlier server object of this session is gone (restart, take-over) and this one replaces it. */
  readonly restored: boolean;
  /** The application's own small state, kept with the session. */
  readonly state: JsonObject;
  /** Replaces that state; resolves when it is stored. */
  setState(state: JsonObject): Promise<void>;
}

/** What to do with a request whose server object died before it answered. */
export type OnInterrupted = (
  request: JsonRpcRequest,
  context: {
    readonly sessionId: string;
    /** Dispatches so far, from 1. */
    readonly attempts: number;
  },
) => "conclude" | "dispatch-again" | Promise<"conclude" | "dispatch-again">;

const callback = <T>() => z.custom<T>((value) => typeof value === "function", "expected a function");
const positive = z.int("expected an integer >= 1").min(1, "expected an integer >= 1");

const optionsSchema = z.strictObject({
  /** Builds a fresh server object for a session, also each time a session is restored. */
  createServer: callback<(context: SessionContext) => ServerLike | Promise<ServerLike>>(),
  /** Keeps sessions and streams. The endpoint does not close it. */
  store: z.custom<Store>(
    (value) => isObject(value) && ["log", "sessions", "capabilities"].every((part) => isObject(value[part])),
    "expected a store",
  ),
  /** Names the caller; required as soon as requests are authenticated (G9). */
  principal: callback<PrincipalOf>().optional(),
  /** Decides about calls that a crash interrupted (G4). Default: conclude them with a retryable error. */
  onInterrupted: callback<OnInterrupted>().optional(),
  /** Names this node among those that share the store; no two that run may have the same name. Default: random. */
  nodeId: z.string().min(1).optional(),
  /** Time in ms after its last heartbeat at which a node counts as dead, and others take its sessions over (G6). */
  heartbeatTtlMs: z.int("expected ms, >= 500").min(500, "expected ms, >= 500").default(5_000),
  /** Makes session ids: unguessable, visible ASCII. Default: 192 random bits. */
  sessionIdGenerator: callback<() => string>().optional(),
  /** Host names (without port) that may be asked for; undefined = any. */
  allowedHosts: z
    .array(z.string().toLowerCase().refine(isHostName, "expected a host name without port"))
    .optional(),
  /** Origins that web pages may come from; "*" = any. Requests without an Origin header are not concerned. */
  allowedOrigins: z
    .array(z.string().refine(isOrigin, 'expected an origin such as https://example.com, or "*"'))
    .default([]),
  /** Headers of the opening request that are stored for `createServer`; never Authorization or Cookie. */
  storedHeaders: z
    .array(z.string().toLowerCase().refine(isStorable, "must not be stored: it carries credentials"))
    .default([]),
  /** Answers with one JSON body in place of an SSE stream; such calls cannot be resumed. */
  enableJsonResponse: z.boolean().default(false),
  /** Time in ms after which a session without a request and without an open connection expires. */
  idleTtlMs: positive.default(60 * 60 * 1000),
  /** Most live sessions of one principal; over it: 429. */
  maxSessionsPerPrincipal: positive.default(1_000),
  /** Most live sessions in all; over it: 429. */
  maxSessions: positive.default(10_000),
  /** Most requests in flight in one session; over it: 429. */
  maxCallsPerSession: positive.default(1_000),
  /** Most characters of JSON stored to restore a session: initialize parameters, subscriptions, state; over it: 413. */
  maxSessionLength: positive.default(256 * 1024),
  /** Most bytes of a request's body; over it: 413. */
  maxBodyBytes: positive.default(4 * 1024 * 1024),
  /** Longest silence in ms on an SSE stream before a comment is sent. */
  keepAliveMs: positive.default(15_000),
  /** Reconnection time in ms that clients are told. */
  retryMs: positive.default(3_000),
  /** Takes what is worth a line in the log. Default: the console. */
  logger: z
    .custom<Logger>(
      (value) =>
        isObject(value) && ["info", "warn", "error"].every((level) => typeof value[level] === "function"),
      "expected { info, warn, error }",
    )
    .default(consoleLogger),
});

/** Options of `createMcpEndpoint`. */
export type McpEndpointOptions = z.input<typeof optionsSchema>;
/** The same, with every default in place. */
type ParsedOptions = z.output<typeof optionsSchema>;

/** What opens sessions, and brings back those whose server object is gone. */
export type SessionOpener = Pick<ParsedOptions, "createServer" | "sessionIdGenerator">;

/** Ways of answering that are fixed for an endpoint; the drop-in class may have others, where the SDK's has. */
interface Manners {
  /** Whether events carry ids and outlive their connection, so that streams can be resumed. */
  readonly resumable: boolean;
  /** Whether answers name their session. */
  readonly namesSession: boolean;
  /** What becomes of a second GET while one is open: it takes over, or is refused with 409. */
  readonly secondGet: "supersede" | "refuse";
  /** The answer to JSON that is no JSON-RPC: -32600 or -32700. */
  readonly invalidMessages: "invalid-request" | "parse-error";
  /** Whether batches are taken on the revisions that have them, or on every one. */
  readonly batches: "by-revision" | "always";
  /** Longest silence in ms on an SSE stream; undefined = no keep-alive. */
  readonly keepAliveMs: number | undefined;
  /** Reconnection time in ms that clients are told; undefined = they are not told any. */
  readonly retryMs: number | undefined;
}

/** What sessions and streams need to know, whoever asks for them. */
export type EndpointSettings = Manners &
  Omit<ParsedOptions, keyof SessionOpener | keyof Manners | "principal" | "allowedHosts" | "allowedOrigins">;

/** The manners of an endpoint. */
export const ENDPOINT_MANNERS = {
  resumable: true,
  namesSession: true,
  secondGet: "supersede",
  invalidMessages: "invalid-request",
  batches: "by-revision",
} as const;

/**
 * Fills in defaults.
 *
 * Errors:  TypeError that names each wrong or unknown option and what was expected
 */
export function parseOptions(options: McpEndpointOptions): ParsedOptions {
  return parseWith(optionsSchema, "createMcpEndpoint", options);
}

/** Errors:  TypeError that names each wrong or unknown option and what was expected */
export function parseWith<T>(schema: z.ZodType<T>, caller: string, options: unknown): T {
  const parsed = schema.safeParse(options);
  if (parsed.success) return parsed.data;
  const complaints = parsed.error.issues.flatMap((issue) => {
    const path = ["options", ...issue.path].join(".");
    if (issue.code === "unrecognized_keys") return issue.keys.map((key) => `${path}.${key}: unknown option`);
    return `${path}: ${issue.message}`;
  });
  throw new TypeError(`${caller}: ${complaints.join("; ")}`);
}

function isHostName(host: string): boolean {
  return /^(\[[0-9a-f:.]+\]|[^:/\s]+)$/.test(host);
}

function isOrigin(origin: string): boolean {
  return origin === "*" || (URL.canParse(origin) && new URL(origin).origin === origin) || origin === "null";
}

function isStorable(header: string): boolean {
  return !["authorization", "proxy-authorization", "cookie", "set-cookie"].includes(header);
}
