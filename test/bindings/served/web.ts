import type { BindingHarness } from "@durable-mcp/contract-tests";
import { createMcpEndpoint } from "@durable-mcp/core";
import { createWebHandler } from "@durable-mcp/web";
import { getRequestListener } from "@hono/node-server";
import { Hono } from "hono";
import { listening } from "./listening.js";

/** On Hono, as it runs on Node. */
export const serveOnWeb: BindingHarness["serve"] = async (options, { body, authInfo }) => {
  const endpoint = createMcpEndpoint(options);
  const handler = createWebHandler(endpoint);
  const app = new Hono();
  app.all("/mcp", async ({ req }) => {
    const hasBody = req.raw.method !== "GET" && req.raw.method !== "HEAD";
    if (body === "parsed" && hasBody) {
      const text = await req.raw.text();
      return handler(req.raw, { parsedBody: text === "" ? undefined : JSON.parse(text), authInfo });
    }
    if (body === "drained") await req.raw.text();
    return handler(req.raw, { authInfo });
  });
  return listening(endpoint, getRequestListener(app.fetch));
};
