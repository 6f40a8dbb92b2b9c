import { DurableMcpError, formatEventId, type RequestId } from "@durable-mcp/contract";
import { rpcError } from "./answers.js";
import type { JsonRpcError } from "./json-rpc.js";
import { messageFrame } from "./sse.js";

/** Frames of errors that end a stream without being stored. The last one carries the stream's terminal cursor. */
export function terminalErrorFrames(streamId: string, errors: readonly JsonRpcError[]): readonly string[] {
  const eventId = formatEventId(streamId, "end", 0);
  return errors.map((error, index) =>
    messageFrame(index === errors.length - 1 ? eventId : undefined, JSON.stringify(error)),
  );
}

/** The error of a call whose server object died before it answered. */
export function interruptedError(id: RequestId): JsonRpcError {
  const message =
    "Interrupted: the server went down while this request was running. It may or may not have taken effect; send it again if that is safe.";
  return rpcError(new DurableMcpError("INTERRUPTED", message), id);
}

/** The error of a call whose answer is not kept, or of a stream that is not known here. */
export function answerLostError(id: RequestId): JsonRpcError {
  const message =
    "The answer to this request is not available any more. It may or may not have taken effect; send it again if that is safe.";
  return rpcError(new DurableMcpError("ANSWER_LOST", message), id);
}
