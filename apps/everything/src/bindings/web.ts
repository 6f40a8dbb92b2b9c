import { createWebHandler } from "@durable-mcp/web";
import { getRequestListener } from "@hono/node-server";
import { Hono } from "hono";
import type { CreateListener } from "../create-listener.js";

export const createListener: CreateListener = (endpoint, path) => {
  const answer = createWebHandler(endpoint);
  const app = new Hono().all(path, (context) => answer(context.req.raw));
  return getRequestListener(app.fetch);
};
