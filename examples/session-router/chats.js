// @ts-check

/**
 * The caller's chats, `{ chatId: sessionId }`, read from the sessions that the endpoint has: there is no second table
 * that could differ from it, and sessions that have ended are not among them.
 * @param {import("@durable-mcp/core").McpEndpoint} endpoint
 * @param {import("@durable-mcp/core").Principal} principal
 */
export async function chatsOf(endpoint, principal) {
  /** @type {Map<string, string>} */
  const chats = new Map();
  for (const { sessionId, headers } of await endpoint.sessions(principal)) {
    const chatId = headers["x-chat-id"];
    // They come newest first: a chat id that was used again names its newest session.
    if (chatId && !chats.has(chatId)) chats.set(chatId, sessionId);
  }
  return Object.fromEntries(chats);
}
