import { createMcpRouter } from "@durable-mcp/express";
import express from "express";
import type { CreateListener } from "../create-listener.js";

export const createListener: CreateListener = (endpoint, path) =>
  express().use(path, createMcpRouter(endpoint));
