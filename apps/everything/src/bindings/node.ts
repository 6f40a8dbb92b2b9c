import { createNodeListener } from "@durable-mcp/node";
import type { CreateListener } from "../create-listener.js";

export const createListener: CreateListener = (endpoint, path) => createNodeListener(endpoint, { path });
