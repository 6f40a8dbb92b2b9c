import { createRequire } from "node:module";

const { version } = createRequire(import.meta.url)("../package.json") as { version: string };

/** How the gateway names itself to clients and to upstreams. */
export const GATEWAY_INFO = { name: "durable-mcp-gateway", version } as const;
