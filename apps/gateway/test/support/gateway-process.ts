import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { onTestFinished } from "vitest";
import { createClient, EVERYTHING, PROBE } from "./session.js";
import { waitFor } from "./wait-for.js";

const MAIN = fileURLToPath(new URL("../../dist/main.js", import.meta.url));

/** Servers of a configuration file. */
export const everything = { command: process.execPath, args: [EVERYTHING, "stdio"] };
export const probe = (env: Record<string, string> = {}) => ({
  command: process.execPath,
  args: [PROBE],
  env,
});

/** Takes what is to be done when the test is over, or with `afterAll` when the file is. */
type CleanUp = (done: () => void | Promise<void>) => void;

/** A folder of the test's own. */
export function createFolder(cleanUp: CleanUp = onTestFinished): string {
  const folder = mkdtempSync(join(tmpdir(), "gateway-"));
  cleanUp(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** The gateway as people run it. */
export class GatewayProcess {
  readonly child: ChildProcess;
  stdout = "";
  stderr = "";
  readonly #exit: Promise<number | NodeJS.Signals | null>;

  constructor(args: readonly string[], cleanUp: CleanUp = onTestFinished) {
    this.child = spawn(process.execPath, [MAIN, ...args], { stdio: ["ignore", "pipe", "pipe"] });
    this.child.stdout?.on("data", (chunk) => {
      this.stdout += chunk;
    });
    this.child.stderr?.on("data", (chunk) => {
      this.stderr += chunk;
    });
    this.#exit = new Promise((resolve) =>
      this.child.once("close", (code, signal) => resolve(code ?? signal)),
    );
    cleanUp(async () => {
      this.child.kill("SIGTERM");
      await this.exit();
    });
  }

  /** Its exit code, or the signal that ended it. */
  exit(): Promise<number | NodeJS.Signals | null> {
    return this.#exit;
  }

  /** The endpoint, once it listens. */
  async url(): Promise<URL> {
    const url = await waitFor("the gateway to listen", () => {
      if (this.child.exitCode !== null) throw new Error(`the gateway exited: ${this.stderr}`);
      return /endpoint +(\S+)/.exec(this.stdout)?.[1];
    });
    return new URL(url);
  }

  async kill(signal: NodeJS.Signals): Promise<number | NodeJS.Signals | null> {
    this.child.kill(signal);
    return this.exit();
  }
}

/** Starts a gateway in front of these servers; a port of its own, in memory unless told otherwise. */
export function startGateway(
  mcpServers: Record<string, unknown>,
  options: { folder?: string; store?: string; port?: string; drainMs?: number; cleanUp?: CleanUp } = {},
): GatewayProcess {
  const config = join(options.folder ?? createFolder(options.cleanUp), "config.json");
  writeFileSync(config, JSON.stringify({ mcpServers }));
  // Few tests are about calls that still run at the end.
  const { store = "memory:", port = "0", drainMs = 200 } = options;
  const args = ["--config", config, "--port", port, "--store", store, "--drain-ms", String(drainMs)];
  return new GatewayProcess(args, options.cleanUp);
}

/** What a client hears. */
interface Heard {
  readonly method: string;
  readonly params?: Record<string, unknown>;
}

/** Connects the official client. */
export async function connect(url: URL, client: Client = createClient()) {
  const heard: Heard[] = [];
  client.fallbackNotificationHandler = async (notification) => {
    heard.push(notification as Heard);
  };
  const transport = new StreamableHTTPClientTransport(url, {
    reconnectionOptions: {
      initialReconnectionDelay: 50,
      maxReconnectionDelay: 500,
      reconnectionDelayGrowFactor: 1.5,
      maxRetries: 40,
    },
  });
  await client.connect(transport as never);
  onTestFinished(() => client.close());
  return { client, transport, heard };
}
