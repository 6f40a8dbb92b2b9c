import { type ChildProcess, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { BindingName } from "./binding-table.js";
import type { SdkName } from "./sdk-table.js";

const MAIN = fileURLToPath(new URL("../../apps/everything/dist/main.js", import.meta.url));
const START_DEADLINE_MS = 15_000;

/** Every process that is running now; none outlives the tests. */
const running = new Set<ChildProcess>();
process.once("exit", () => {
  for (const child of running) child.kill("SIGKILL");
});

export interface EverythingOptions {
  /** memory: | sqlite:<file> */
  readonly store: string;
  readonly sdk?: SdkName;
  readonly binding?: BindingName;
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** The everything server as a process of its own, which can be killed and started again on the same port. */
export class EverythingProcess {
  readonly #options: EverythingOptions;
  readonly #nodeId = crypto.randomUUID();
  #child: ChildProcess | undefined;
  #port = 0;
  /** What the processes have said on stderr. */
  errors = "";

  constructor(options: EverythingOptions) {
    this.#options = options;
  }

  /** Starts one, on a free port. */
  static async start(options: EverythingOptions): Promise<EverythingProcess> {
    const started = new EverythingProcess(options);
    await started.restart();
    return started;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}/mcp`;
  }

  get port(): number {
    return this.#port;
  }

  /** Kills it with SIGKILL and waits until it is gone. */
  async kill(): Promise<void> {
    const child = this.#child;
    if (!child || !running.has(child)) return;
    const gone = new Promise((resolve) => child.once("exit", resolve));
    child.kill("SIGKILL");
    await gone;
  }

  /** Stops it in the middle of whatever it does (SIGSTOP); its sockets stay open. */
  pause(): void {
    this.#child?.kill("SIGSTOP");
  }

  /** Lets it go on where it was paused. */
  continue(): void {
    this.#child?.kill("SIGCONT");
  }

  /** Asks it to end (SIGTERM) and waits until it has. Returns: its exit code; null if a signal has ended it */
  async terminate(): Promise<number | null> {
    const child = this.#child;
    if (!child || !running.has(child)) return null;
    const gone = new Promise<number | null>((resolve) => child.once("exit", resolve));
    child.kill("SIGTERM");
    return gone;
  }

  /** Kills the process if there is one, and starts another on the same port and store. */
  async restart(): Promise<void> {
    await this.kill();
    const { store, sdk = "v1", binding = "node", args = [], env = {} } = this.#options;
    const child = spawn(
      process.execPath,
      [
        MAIN,
        "--port",
        String(this.#port),
        "--store",
        store,
        "--sdk",
        sdk,
        "--binding",
        binding,
        "--retry-ms",
        "50",
        // A process that is started again knows that the one before is dead.
        "--node-id",
        this.#nodeId,
        ...args,
      ],
      { env: { ...process.env, ...env }, stdio: ["ignore", "pipe", "pipe"] },
    );
    this.#child = child;
    running.add(child);
    child.once("exit", () => running.delete(child));
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      this.errors += text;
    });
    const line = await this.#firstLine(child);
    const port = /http:\/\/127\.0\.0\.1:(\d+)\/mcp/.exec(line)?.[1];
    if (port === undefined) throw new Error(`The everything server printed: ${line}`);
    this.#port = Number(port);
  }

  #firstLine(child: ChildProcess): Promise<string> {
    return new Promise((resolve, reject) => {
      const fail = (why: string) => reject(new Error(`The everything server ${why}: ${this.errors}`));
      const timer = setTimeout(() => fail("did not start in time"), START_DEADLINE_MS);
      child.once("exit", (code) => fail(`exited with ${code}`));
      child.stdout?.setEncoding("utf8").once("data", (text: string) => {
        clearTimeout(timer);
        resolve(text.trimEnd());
      });
    });
  }
}
