import { once } from "node:events";
import type { BindingHarness } from "@durable-mcp/contract-tests";
import { createMcpEndpoint } from "@durable-mcp/core";
import { mcpPlugin } from "@durable-mcp/fastify";
import fastify from "fastify";
import { urlOf } from "./listening.js";

export const serveOnFastify: BindingHarness["serve"] = async (options, { body, authInfo }) => {
  const endpoint = createMcpEndpoint(options);
  const app = fastify();
  if (body === "parsed") {
    // The application's parsers stay out of the plugin's route.
    app.addContentTypeParser(/^text\//, { parseAs: "string" }, (_request, text, done) => done(null, text));
    app.post("/other", async (request) => request.body);
    app.addHook("preHandler", async () => {});
  }
  app.addHook("onRequest", async ({ raw }) => {
    if (authInfo !== undefined) Object.assign(raw, { auth: authInfo });
    if (body === "drained") await once(raw.resume(), "end");
  });
  await app.register(mcpPlugin, { endpoint, path: "/mcp" });
  await app.listen({ host: "127.0.0.1", port: 0 });
  return { url: urlOf(app.server), endpoint, close: () => app.close() };
};
