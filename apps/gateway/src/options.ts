import { isIPv4 } from "node:net";
import { parseArgs } from "node:util";
import { z } from "zod";
import { inOneLine, StartupError } from "./startup-error.js";

/** Where the gateway keeps its sessions and streams. */
export type StoreChoice = { readonly kind: "memory" } | { readonly kind: "sqlite"; readonly file: string };

/** The command line, checked, with defaults. */
export interface GatewayOptions {
  readonly configFile: string;
  /** A loopback name or address, without brackets. */
  readonly host: string;
  /** 0 lets the system choose. */
  readonly port: number;
  readonly store: StoreChoice;
  readonly idleTtlMs: number;
  readonly maxSessions: number;
  /** How long calls that run may take to finish when the gateway is told to stop. */
  readonly drainMs: number;
}

/** What `--help` prints. */
export const USAGE = `Puts MCP servers behind one durable endpoint.

  durable-mcp-gateway [--config <file>] [--host <host>] [--port <port>] [--store <store>]
                      [--idle-ttl-ms <ms>] [--max-sessions <n>] [--drain-ms <ms>]

  --config <file>      servers in the mcpServers form (./gateway.config.json)
  --host <host>        loopback name or address to listen on (127.0.0.1)
  --port <port>        port to listen on, 0 = any free one (3000)
  --store <store>      memory: or sqlite:<file> (sqlite:./data/durable-mcp.db)
  --idle-ttl-ms <ms>   how long an idle session lives (3600000, which is 1 h)
  --max-sessions <n>   most sessions at once (1000)
  --drain-ms <ms>      how long running calls may take to finish at SIGTERM (5000)
  --help               this text
`;

const FLAGS = {
  config: { type: "string", default: "./gateway.config.json" },
  host: { type: "string", default: "127.0.0.1" },
  port: { type: "string", default: "3000" },
  store: { type: "string", default: "sqlite:./data/durable-mcp.db" },
  "idle-ttl-ms": { type: "string", default: "3600000" },
  "max-sessions": { type: "string", default: "1000" },
  "drain-ms": { type: "string", default: "5000" },
  help: { type: "boolean", default: false },
} as const;

const integer = (what: string, min: number, max: number) =>
  z
    .string()
    .regex(/^\d{1,15}$/, what)
    .transform(Number)
    .refine((value) => value >= min && value <= max, what);

const MAX_MS = 2 ** 31 - 1;

const Flags = z.object({
  config: z.string().min(1, "expected a file"),
  host: z
    .string()
    .refine(
      isLoopback,
      "expected a loopback host (127.0.0.1, ::1 or localhost): there is no authentication yet",
    ),
  port: integer("expected an integer from 0 to 65535", 0, 65_535),
  store: z
    .string()
    .regex(/^(memory:|sqlite:.+)$/, "expected memory: or sqlite:<file>")
    .transform(toStoreChoice),
  "idle-ttl-ms": integer(`expected milliseconds from 1 to ${MAX_MS}`, 1, MAX_MS),
  "max-sessions": integer("expected an integer from 1 to 1000000", 1, 1_000_000),
  "drain-ms": integer(`expected milliseconds from 0 to ${MAX_MS}`, 0, MAX_MS),
});

/**
 * Reads the command line.
 *
 * Shapes:  argv: without the program and the script
 * Returns: the options, or "help"
 * Errors:  StartupError that names the flag and what was expected
 */
export function parseOptions(argv: readonly string[]): GatewayOptions | "help" {
  const values = readFlags(argv);
  if (values.help) return "help";
  const parsed = Flags.safeParse(values);
  if (!parsed.success) {
    const lines = parsed.error.issues.map((issue) => `--${issue.path.join(".")}: ${issue.message}`);
    throw new StartupError(lines.join("\n"));
  }
  const flags = parsed.data;
  return {
    configFile: flags.config,
    host: flags.host.replace(/^\[(.*)\]$/, "$1"),
    port: flags.port,
    store: flags.store,
    idleTtlMs: flags["idle-ttl-ms"],
    maxSessions: flags["max-sessions"],
    drainMs: flags["drain-ms"],
  };
}

function readFlags(argv: readonly string[]) {
  try {
    return parseArgs({ args: [...argv], options: FLAGS, strict: true, allowPositionals: false }).values;
  } catch (error) {
    const message = inOneLine((error as Error).message).replace(/\.$/, "");
    throw new StartupError(`${message}; --help lists the flags`);
  }
}

function isLoopback(host: string): boolean {
  return /^(localhost|::1|\[::1\])$/.test(host) || (isIPv4(host) && host.startsWith("127."));
}

function toStoreChoice(value: string): StoreChoice {
  return value === "memory:" ? { kind: "memory" } : { kind: "sqlite", file: value.slice("sqlite:".length) };
}
