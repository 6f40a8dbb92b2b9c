// @ts-check
import { createMcpRouter } from "@durable-mcp/express";
import { Router } from "express";
import { authenticate, principalOf } from "./auth.js";
import { chatsOf } from "./chats.js";
import { checkQuery } from "./query.js";

/**
 * Everything below /mcp. On each verb the endpoint answers a missing session id with 400, and with 404 one that it does
 * not know, that has ended, or that belongs to somebody else.
 * @param {import("@durable-mcp/core").McpEndpoint} endpoint
 */
export function createSessionRouter(endpoint) {
  const mcp = createMcpRouter(endpoint);
  const router = Router();
  router.use(authenticate);
  router.post("/", checkQuery, mcp); // opens a session (initialize), or says something in one
  router.get("/", mcp); // follows a session's stream, or resumes one
  router.delete("/", mcp); // ends a session
  router.all("/", mcp); // 405
  router.get("/sessions", async (req, res) => {
    res.json(await chatsOf(endpoint, principalOf(req.auth)));
  });
  return router;
}
