import { DurableMcpError } from "@durable-mcp/contract";

/** What a stranger is told, and whoever asks for a session that is over (G3, G9). */
export function sessionNotFound(): DurableMcpError {
  return new DurableMcpError("SESSION_NOT_FOUND", "Session not found");
}

/** What is answered while a session goes from one node to another. */
export function notOwner(): DurableMcpError {
  return new DurableMcpError("NOT_OWNER", "Another node has just taken the session over; try again.");
}

/** What a session may not become. */
export function tooLarge(maxLength: number): DurableMcpError {
  return new DurableMcpError(
    "SESSION_TOO_LARGE",
    `This would be too much to keep of the session: its initialize parameters, subscriptions and state may have ${maxLength} characters of JSON.`,
  );
}

/** What is answered by an endpoint that is on its way out. */
export function shuttingDown(): DurableMcpError {
  return new DurableMcpError("DRAINING", "This server is shutting down; try again.");
}
