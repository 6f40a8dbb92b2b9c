import { DurableMcpError } from "@durable-mcp/contract";

/** Redis has not done it, and may do it a moment later: it starts, fails over, moves a slot, or lost its script. */
const PASSING =
  /^(?:ERR [^:]*: *(?:@user_script:[ \d:]*)?-?)?(LOADING|CLUSTERDOWN|TRYAGAIN|MASTERDOWN|READONLY|NOREPLICAS|BUSY|UNBLOCKED|ERR Script attempted to access a non local key)\b/;

/** Whether the connection failed, so that nobody knows whether Redis has done it. */
function isConnectionError(error: Error): boolean {
  return error.name !== "ReplyError";
}

/** Whether trying again soon may help. */
export function mayPass(error: Error): boolean {
  return isConnectionError(error) || PASSING.test(error.message);
}

export function isUnknownScript(error: Error): boolean {
  return error.message.startsWith("NOSCRIPT");
}

/** What Redis or its connection said, as one of our errors. */
export function asStoreError(error: Error): DurableMcpError {
  if (error instanceof DurableMcpError) return error;
  const { message } = error;
  if (/^(?:ERR [^:]*: *)?-?OOM\b/.test(message) || message.includes("OOM command not allowed")) {
    return new DurableMcpError("STORE_FULL", `Redis has reached its maxmemory: ${message}`, { cause: error });
  }
  if (message.startsWith("READONLY")) {
    return new DurableMcpError("STORE_UNAVAILABLE", `This Redis is a replica: ${message}`, { cause: error });
  }
  return new DurableMcpError("STORE_UNAVAILABLE", `Redis failed: ${message}`, { cause: error });
}
