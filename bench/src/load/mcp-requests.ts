/** The revision that the load speaks: the newest one with sessions and priming events. */
export const PROTOCOL_VERSION = "2025-11-25";

const COMMON = `Host: 127.0.0.1\r\nMCP-Protocol-Version: ${PROTOCOL_VERSION}\r\n`;

/** A POST of one JSON-RPC message, as it goes over the connection. */
export function post(message: object, sessionId?: string): string {
  const body = JSON.stringify({ jsonrpc: "2.0", ...message });
  return (
    `POST /mcp HTTP/1.1\r\n${COMMON}${sessionHeader(sessionId)}Accept: application/json, text/event-stream\r\n` +
    `Content-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`
  );
}

/** A GET that follows the session's own stream, or resumes one after an event. */
export function get(sessionId: string, lastEventId?: string): string {
  const cursor = lastEventId === undefined ? "" : `Last-Event-ID: ${lastEventId}\r\n`;
  return `GET /mcp HTTP/1.1\r\n${COMMON}${sessionHeader(sessionId)}${cursor}Accept: text/event-stream\r\n\r\n`;
}

/** A DELETE of the session. */
export function del(sessionId: string): string {
  return `DELETE /mcp HTTP/1.1\r\n${COMMON}${sessionHeader(sessionId)}\r\n`;
}

function sessionHeader(sessionId: string | undefined): string {
  return sessionId === undefined ? "" : `Mcp-Session-Id: ${sessionId}\r\n`;
}
