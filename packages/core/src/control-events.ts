import type { EventInput } from "@durable-mcp/contract";
import { DurableMcpError, ERRORS, type ErrorCode } from "@durable-mcp/contract";
import { z } from "zod";
import type { JsonRpcRequest } from "./json-rpc.js";

const requestSchema = z.custom<JsonRpcRequest>(
  (value) => typeof value === "object" && value !== null && "method" in value && "id" in value,
);
const ids = z.array(z.union([z.string(), z.number()]));

/**
 * What later owners and connections on other nodes must know of a stream; never written to the wire.
 * - `opened`: the requests that the stream answers, kept where they may have to be dispatched again.
 * - `dispatched-again`: after an interruption the requests with these ids were given to a new server object.
 * - `cancelled`: the client has cancelled these ids; they get no response.
 *
 * The answers of a session's owner to a POST that came to another node, the first event of the stream that was made for it:
 * - `accepted`: its messages have been handed on; what the requests among them are answered follows.
 * - `joined`: a stream answers the same requests already.
 * - `refused`: with an error, and what its WWW-Authenticate header says.
 *
 * - `disconnect`: connections of other nodes that follow the stream since before that position of the inbox are to
 *   end, and their clients to come back after `retryMs`.
 * - `ownership`: the session's owner has changed.
 */
const controlSchema = z.discriminatedUnion("type", [
  z.object({ type: z.literal("opened"), requests: z.array(requestSchema) }),
  z.object({ type: z.literal("dispatched-again"), ids }),
  z.object({ type: z.literal("cancelled"), ids }),
  z.object({ type: z.literal("accepted") }),
  z.object({ type: z.literal("joined"), streamId: z.string() }),
  z.object({
    type: z.literal("refused"),
    code: z.custom<ErrorCode>((code) => typeof code === "string" && Object.hasOwn(ERRORS, code)),
    message: z.string(),
    challenge: z.string().optional(),
  }),
  z.object({ type: z.literal("disconnect"), before: z.number(), retryMs: z.number().optional() }),
  z.object({ type: z.literal("ownership") }),
]);

export type ControlEvent = z.infer<typeof controlSchema>;

/** Those that a later owner needs: trimming must not take them from it. */
const NEEDED_LATER: ReadonlySet<ControlEvent["type"]> = new Set(["opened", "dispatched-again", "cancelled"]);

/** The event to append. */
export function controlEvent(control: ControlEvent): EventInput {
  const final = NEEDED_LATER.has(control.type);
  return { kind: "control", payload: JSON.stringify(control), ...(final && { final }) };
}

/**
 * Reads a stored control event.
 *
 * Errors:  STORE_CORRUPT if it is none of ours
 */
export function parseControl({ payload }: EventInput): ControlEvent {
  const parsed = controlSchema.safeParse(JSON.parse(payload));
  if (parsed.success) return parsed.data;
  throw new DurableMcpError("STORE_CORRUPT", `A stored control event cannot be read: ${payload}`);
}
