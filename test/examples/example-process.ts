import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { freePort } from "../support/free-port.js";

const EXAMPLES = fileURLToPath(new URL("../../examples", import.meta.url));
const START_DEADLINE_MS = 30_000;
/** How long it may take to end in an orderly way, whatever its clients do. */
const END_DEADLINE_MS = 10_000;

/** Every process that is running now; none outlives the tests. */
const running = new Set<ChildProcess>();
process.once("exit", () => {
  for (const child of running) child.kill("SIGKILL");
});

/** One example's program, run as its README says, which can be ended and started again on the same port and file. */
export class ExampleProcess {
  readonly port: number;
  /** Its SQLite file. */
  readonly file: string;
  /** What the processes have said on stdout and stderr. */
  output = "";
  errors = "";
  readonly #name: string;
  #child: ChildProcess | undefined;

  private constructor(name: string, file: string, port: number) {
    this.#name = name;
    this.file = file;
    this.port = port;
  }

  /** Starts an example on a free port, with its data in `folder`. */
  static async start(name: string, folder: string): Promise<ExampleProcess> {
    // In a folder that does not exist yet, as ./data does not at first.
    const example = new ExampleProcess(name, `${folder}/${name}/mcp.db`, await freePort());
    await example.restart();
    return example;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}/mcp`;
  }

  /** Sends a signal to the process, and waits until it has ended. Returns: its exit code, or the signal that killed it */
  async end(signal: NodeJS.Signals): Promise<number | NodeJS.Signals | undefined> {
    const child = this.#child;
    if (!child || !running.has(child)) return undefined;
    child.kill(signal);
    const code = await Promise.race([
      exitOf(child),
      this.#late(END_DEADLINE_MS, `does not end at ${signal}`),
    ]);
    return code;
  }

  /** Ends it at once, if it has not ended. */
  async kill(): Promise<void> {
    await this.end("SIGKILL");
  }

  /** Kills the process if there is one, and starts another; resolves when that has said where it listens. */
  async restart(): Promise<void> {
    await this.kill();
    const child = this.spawn();
    const listens = new Promise<void>((resolve) => {
      let said = "";
      child.stdout?.on("data", (text: string) => {
        said += text;
        if (said.includes(`${this.url}\n`)) resolve();
      });
    });
    const exited = exitOf(child).then((code) => {
      throw new Error(`The example ${this.#name} ended with ${code}: ${this.errors}`);
    });
    await Promise.race([listens, exited, this.#late(START_DEADLINE_MS, "does not say that it listens")]);
    this.#child = child;
  }

  async #late(ms: number, what: string): Promise<never> {
    await sleep(ms, undefined, { ref: false });
    throw new Error(`Not within ${ms} ms: the example ${this.#name} ${what}. ${this.output}${this.errors}`);
  }

  /** Starts one more process on the same port, and on the same file if `env` does not say otherwise. */
  spawn(env: Readonly<Record<string, string>> = {}): ChildProcess {
    const child = spawn(process.execPath, ["server.js"], {
      cwd: `${EXAMPLES}/${this.#name}`,
      env: { ...process.env, PORT: String(this.port), DATA: this.file, ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    running.add(child);
    child.once("exit", () => running.delete(child));
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      this.output += text;
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      this.errors += text;
    });
    return child;
  }
}

/** Resolves when the process has ended and everything that it has said is here. */
export async function exitOf(child: ChildProcess): Promise<number | NodeJS.Signals> {
  const [code, signal] = await once(child, "close");
  return code ?? signal;
}
