import type { EventInput, StoredEvent } from "@durable-mcp/contract";
import { DurableMcpError } from "@durable-mcp/contract";
import { z } from "zod";
import type { JsonRpcRequest } from "./json-rpc.js";

const requestSchema = z.custom<JsonRpcRequest>(
  (value) => typeof value === "object" && value !== null && "method" in value && "id" in value,
);

/**
 * What later owners and other connections must know of a stream; never written to the wire.
 * - `opened`: the requests that the stream answers, kept where they may have to be dispatched again.
 * - `dispatched-again`: after an interruption the requests with these ids were given to a new server object.
 * - `cancelled`: the client has cancelled these ids; they get no response.
 */
const controlSchema = z.discriminatedUnion("type", [
  z.object({ type: z.literal("opened"), requests: z.array(requestSchema) }),
  z.object({ type: z.literal("dispatched-again"), ids: z.array(z.union([z.string(), z.number()])) }),
  z.object({ type: z.literal("cancelled"), ids: z.array(z.union([z.string(), z.number()])) }),
]);

export type ControlEvent = z.infer<typeof controlSchema>;

/** The event to append. It is final: trimming must not take it from a later owner. */
export function controlEvent(control: ControlEvent): EventInput {
  return { kind: "control", payload: JSON.stringify(control), final: true };
}

/**
 * Reads a stored control event.
 *
 * Errors:  STORE_CORRUPT if it is none of ours
 */
export function parseControl(event: StoredEvent): ControlEvent {
  const parsed = controlSchema.safeParse(JSON.parse(event.payload));
  if (parsed.success) return parsed.data;
  throw new DurableMcpError("STORE_CORRUPT", `A stored control event cannot be read: ${event.payload}`);
}
