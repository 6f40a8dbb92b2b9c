import { parseArgs } from "node:util";
import { z } from "zod";

const milliseconds = z.coerce.number().int().positive();

const optionsSchema = z.strictObject({
  /** Port on 127.0.0.1; 0 = a free one. */
  port: z.coerce.number().int().min(0).max(65_535).default(4100),
  /** Where sessions and streams are kept. */
  store: z
    .string()
    .regex(/^(memory:|sqlite:.+|rediss?:\/\/.+)$/, "expected memory:, sqlite:<file> or redis://<host>:<port>")
    .default("memory:"),
  /** The SDK whose server objects are served. */
  sdk: z.enum(["v1", "v2"]).default("v1"),
  /** The binding that puts the endpoint behind HTTP. */
  binding: z.enum(["node", "express", "fastify", "web"]).default("node"),
  /** Origins of web pages that may call, apart from this server's own. */
  "allow-origin": z.array(z.string()).default([]),
  /** Lets the header `x-test-user` name the principal. For tests: nothing is checked. */
  principals: z.boolean().default(false),
  "idle-ttl-ms": milliseconds.optional(),
  "retry-ms": milliseconds.optional(),
  /** Names this process among those that share a store. */
  "node-id": z.string().min(1).optional(),
  "heartbeat-ttl-ms": milliseconds.optional(),
  /** At SIGTERM: for how long sessions are served though the process is not ready any more. */
  "readiness-grace-ms": z.coerce.number().int().min(0).default(0),
  /** At SIGTERM: how long running calls may take. */
  "drain-ms": z.coerce.number().int().min(0).default(5_000),
  /** What becomes of calls that a crash interrupted. */
  "on-interrupted": z.enum(["conclude", "dispatch-again"]).default("conclude"),
});

export type CliOptions = z.output<typeof optionsSchema>;
export type SdkName = CliOptions["sdk"];
export type BindingName = CliOptions["binding"];

/**
 * Reads the command line.
 *
 * Errors:  TypeError that names each wrong or unknown option and what was expected
 */
export function parseCliOptions(args: readonly string[]): CliOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      port: { type: "string" },
      store: { type: "string" },
      sdk: { type: "string" },
      binding: { type: "string" },
      "allow-origin": { type: "string", multiple: true },
      principals: { type: "boolean" },
      "idle-ttl-ms": { type: "string" },
      "retry-ms": { type: "string" },
      "node-id": { type: "string" },
      "heartbeat-ttl-ms": { type: "string" },
      "readiness-grace-ms": { type: "string" },
      "drain-ms": { type: "string" },
      "on-interrupted": { type: "string" },
    },
  });
  const parsed = optionsSchema.safeParse(values);
  if (parsed.success) return parsed.data;
  throw new TypeError(z.prettifyError(parsed.error));
}
