import { createNodeListener } from "@durable-mcp/node";
import type { CreateListener } from "../load-binding.js";

export const createListener: CreateListener = (endpoint, path) => createNodeListener(endpoint, { path });
