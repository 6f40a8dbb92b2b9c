import type { BindingHarness } from "@durable-mcp/contract-tests";
import { createMcpEndpoint } from "@durable-mcp/core";
import { answerParserErrors, createMcpRouter } from "@durable-mcp/express";
import express from "express";
import { listening } from "./listening.js";

/** Makes `serve` for a major version of Express. */
export function serveOn(version: typeof express): BindingHarness["serve"] {
  return async (options, { body, authInfo }) => {
    const endpoint = createMcpEndpoint(options);
    const app = version();
    app.use((request, _response, next) => {
      if (authInfo !== undefined) Object.assign(request, { auth: authInfo });
      next();
    });
    if (body === "parsed") app.use(version.json({ limit: "4mb" }));
    if (body === "drained") app.use((request, _response, next) => void request.resume().on("end", next));
    app.use("/mcp", createMcpRouter(endpoint), answerParserErrors(endpoint));
    return listening(endpoint, app);
  };
}

export const serveOnExpress = serveOn(express);
