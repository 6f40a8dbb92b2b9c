import { createServer, type RequestListener } from "node:http";
import { mcpPlugin } from "@durable-mcp/fastify";
import Fastify from "fastify";
import type { CreateListener } from "../create-listener.js";

export const createListener: CreateListener = async (endpoint, path) => {
  let listener: RequestListener = () => {};
  const app = Fastify({
    // The server that listens is another one: all that is wanted is what answers.
    serverFactory: (handler) => {
      listener = handler;
      return createServer();
    },
  });
  app.register(mcpPlugin, { endpoint, path });
  await app.ready();
  return listener;
};
