import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { requireProgram } from "../../scripts/find-program.mjs";
import { freePort } from "./free-port.js";
import { nginxConfig } from "./nginx-config.js";

const DEADLINE_MS = 10_000;

/** Every one that is running now; none outlives the tests. */
const running = new Set<Nginx>();
process.once("exit", () => {
  for (const nginx of running) nginx.kill();
});

/** An nginx of the test's own, configured as docs/nginx.conf says, which deals requests out to nodes in turn. */
export class Nginx {
  readonly port: number;
  readonly #directory: string;
  readonly #child: ChildProcess;
  readonly #exited: Promise<unknown>;
  /** What it has logged. */
  log = "";
  readonly #listeners = new Set<() => void>();

  private constructor(port: number, directory: string) {
    this.port = port;
    this.#directory = directory;
    this.#child = spawn(
      requireProgram("nginx"),
      ["-p", directory, "-c", join(directory, "nginx.conf"), "-e", "stderr"],
      // In a process group of its own: workers outlive a master that is killed.
      { detached: true, stdio: ["ignore", "ignore", "pipe"] },
    );
    running.add(this);
    this.#exited = once(this.#child, "close");
    this.#child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      this.log += text;
      for (const look of [...this.#listeners]) look();
    });
  }

  /** Starts one in front of these ports of 127.0.0.1. */
  static async start(nodePorts: readonly number[]): Promise<Nginx> {
    const directory = await mkdtemp(join(tmpdir(), "durable-mcp-nginx-"));
    const port = await freePort();
    await writeFile(join(directory, "nginx.conf"), await nginxConfig(directory, port, nodePorts));
    const nginx = new Nginx(port, directory);
    try {
      // The master has bound the port by then: whoever connects now is served.
      await nginx.#says(/start worker process \d+/, 0);
      return nginx;
    } catch (error) {
      await nginx.stop();
      throw error;
    }
  }

  /** The MCP endpoint as seen through it. */
  get url(): string {
    return `http://127.0.0.1:${this.port}/mcp`;
  }

  /**
   * Deals out to these nodes from now on. Requests that are under way stay with the node that they have reached, however
   * long they take.
   *
   * Returns: once nothing takes new connections any more that deals out to the nodes of before
   */
  async use(nodePorts: readonly number[]): Promise<void> {
    const worker = [...this.log.matchAll(/start worker process (\d+)/g)].at(-1)?.[1];
    await writeFile(
      join(this.#directory, "nginx.conf"),
      await nginxConfig(this.#directory, this.port, nodePorts),
    );
    const from = this.log.length;
    this.#child.kill("SIGHUP");
    await this.#says(new RegExp(`${worker}#\\d+: gracefully shutting down`), from);
  }

  /** Kills it, workers and all. */
  kill(): void {
    if (!running.delete(this) || this.#child.pid === undefined) return;
    try {
      process.kill(-this.#child.pid, "SIGKILL");
    } catch {
      // It is gone already.
    }
  }

  /** Ends it at once, connections and all, and removes its files. */
  async stop(): Promise<void> {
    // The master ends its workers.
    this.#child.kill("SIGTERM");
    await this.#exited;
    running.delete(this);
    await rm(this.#directory, { recursive: true, force: true });
  }

  /** Resolves when it logs a match from that place of its log on. */
  #says(pattern: RegExp, from: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const over = (settle: () => void) => {
        clearTimeout(timer);
        this.#listeners.delete(look);
        this.#child.off("close", gone);
        settle();
      };
      const look = () => {
        const said = this.log.slice(from);
        if (pattern.test(said)) over(resolve);
        else if (said.includes("[emerg]")) over(() => reject(new Error(`nginx refuses: ${said}`)));
      };
      const gone = () => over(() => reject(new Error(`nginx is gone: ${this.log.slice(from)}`)));
      const late = () =>
        over(() => reject(new Error(`nginx never said ${pattern}: ${this.log.slice(from)}`)));
      const timer = setTimeout(late, DEADLINE_MS);
      this.#listeners.add(look);
      this.#child.once("close", gone);
      look();
    });
  }
}
