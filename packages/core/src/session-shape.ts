import type { JsonObject } from "@durable-mcp/contract";
import { DurableMcpError } from "@durable-mcp/contract";
import { z } from "zod";
import type { JsonRpcRequest } from "./json-rpc.js";

/** JSON, as it was written: nothing to look into, however deep it is. */
const params = z.custom<JsonObject>(
  (value) => typeof value === "object" && value !== null,
  "expected an object",
);

/** What a restore needs to rebuild the server object and to go on where the session was (G4). */
const shapeSchema = z.object({
  /** Parameters of the client's initialize request. */
  initialize: params,
  /** The server's answer to it; absent until it has answered. */
  initializeResult: params.optional(),
  /** The client has sent notifications/initialized. */
  initialized: z.boolean(),
  /** Parameters of the last successful logging/setLevel. */
  logLevel: params.optional(),
  /** URIs of the live resource subscriptions, in the order of subscribing. */
  subscriptions: z.array(z.string()),
  /** Wire ids of the server's own requests that the client has not answered. */
  asked: z.array(z.string()),
  /** Offset of the last event known to have been written to a GET connection. */
  delivered: z.number(),
  /** Query of the opening request. */
  query: z.record(z.string(), z.string()),
  /** Allowed headers of the opening request. */
  headers: z.record(z.string(), z.string()),
});

export type SessionShape = z.infer<typeof shapeSchema>;

/** The shape of a session that opens with these parameters of initialize. */
export function newShape(
  initialize: Readonly<Record<string, unknown>>,
  opening: Pick<SessionShape, "query" | "headers">,
): SessionShape {
  return {
    initialize: asJson(initialize),
    initialized: false,
    subscriptions: [],
    asked: [],
    delivered: 0,
    ...opening,
  };
}

/**
 * Reads the shape of a stored session.
 *
 * Errors:  STORE_CORRUPT if it is not one
 */
export function parseShape(shape: JsonObject): SessionShape {
  const parsed = shapeSchema.safeParse(shape);
  if (parsed.success) return parsed.data;
  throw new DurableMcpError(
    "STORE_CORRUPT",
    `A stored session cannot be read: ${z.prettifyError(parsed.error)}`,
  );
}

/** The negotiated protocol version; before negotiation, the one the client asked for. */
export function protocolVersionOf(shape: SessionShape): string {
  const version = shape.initializeResult?.protocolVersion ?? shape.initialize.protocolVersion;
  return typeof version === "string" ? version : "";
}

/** What a successful request changes in the shape; undefined for a request that shapes nothing. */
export function reshape(
  shape: SessionShape,
  request: JsonRpcRequest,
  result: Readonly<Record<string, unknown>>,
): SessionShape | undefined {
  const uri = request.params?.uri;
  switch (request.method) {
    case "initialize":
      return { ...shape, initializeResult: asJson(result) };
    case "logging/setLevel":
      return { ...shape, logLevel: asJson(request.params ?? {}) };
    case "resources/subscribe":
      if (typeof uri !== "string" || shape.subscriptions.includes(uri)) return undefined;
      return { ...shape, subscriptions: [...shape.subscriptions, uri] };
    case "resources/unsubscribe":
      if (typeof uri !== "string" || !shape.subscriptions.includes(uri)) return undefined;
      return { ...shape, subscriptions: shape.subscriptions.filter((other) => other !== uri) };
    default:
      return undefined;
  }
}

/** A value as it comes back from JSON: without undefined members. */
export function asJson(value: Readonly<Record<string, unknown>>): JsonObject {
  return JSON.parse(JSON.stringify(value));
}
