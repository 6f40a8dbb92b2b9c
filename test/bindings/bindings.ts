import type { BindingHarness } from "@durable-mcp/contract-tests";
import { serveOnExpress } from "./served/express.js";
import { serveOnExpress4 } from "./served/express4.js";
import { serveOnFastify } from "./served/fastify.js";
import { serveOnNode } from "./served/node.js";
import { serveOnWeb } from "./served/web.js";

/** A binding of the table. */
export interface Binding extends Pick<BindingHarness, "serve" | "parserErrors"> {
  readonly name: string;
}

/** The bindings that the suite runs on. A new one: a file in `served`, and a line here. */
export const BINDINGS: readonly Binding[] = [
  { name: "node", serve: serveOnNode },
  { name: "express", serve: serveOnExpress, parserErrors: true },
  { name: "express4", serve: serveOnExpress4, parserErrors: true },
  { name: "fastify", serve: serveOnFastify, parserErrors: true },
  { name: "web", serve: serveOnWeb },
];
