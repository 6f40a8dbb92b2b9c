import { type ChildProcess, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

const PRELOADED = new URL("./in-our-place.mjs", import.meta.url).href;
const START_DEADLINE_MS = 20_000;

/** Every process that is running now; none outlives the tests. */
const running = new Set<ChildProcess>();
process.once("exit", () => {
  for (const child of running) child.kill("SIGKILL");
});

/** One of the SDK's example servers, as it was shipped, as a process of its own on a free port. */
export class ExampleProcess {
  readonly #child: ChildProcess;
  readonly port: number;
  readonly #output: () => string;

  private constructor(child: ChildProcess, port: number, output: () => string) {
    this.#child = child;
    this.port = port;
    this.#output = output;
  }

  /** Starts one; `dropIn`: its import of the transport class is changed to ours, and nothing else. */
  static async start(example: string, dropIn: boolean): Promise<ExampleProcess> {
    const file = fileURLToPath(
      import.meta.resolve(`@modelcontextprotocol/sdk/examples/server/${example}.js`),
    );
    const child = spawn(process.execPath, ["--import", PRELOADED, file], {
      env: { ...process.env, DROP_IN: dropIn ? "1" : "" },
      stdio: ["ignore", "pipe", "pipe", "ipc"],
    });
    running.add(child);
    child.once("exit", () => running.delete(child));
    let output = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding("utf8").on("data", (text: string) => {
        output += text;
      });
    }
    const said = new Map<string, unknown>();
    const port = await new Promise<number>((resolve, reject) => {
      const fail = (why: string) => reject(new Error(`The example ${example} ${why}:\n${output}`));
      const timer = setTimeout(() => fail("did not start in time"), START_DEADLINE_MS);
      child.once("exit", (code) => fail(`exited with ${code}`));
      child.on("message", (message: object) => {
        for (const [name, value] of Object.entries(message)) said.set(name, value);
        if (!said.has("port") || (dropIn && !said.has("replaced"))) return;
        clearTimeout(timer);
        resolve(said.get("port") as number);
      });
    });
    return new ExampleProcess(child, port, () => output);
  }

  /** What it has written to its console. */
  get output(): string {
    return this.#output();
  }

  /** Interrupts it, as its user would, and waits for its end. Returns: its exit code */
  async interrupt(): Promise<number | null> {
    const exited = new Promise<number | null>((resolve) => this.#child.once("exit", resolve));
    this.#child.kill("SIGINT");
    return exited;
  }

  async stop(): Promise<void> {
    if (!running.has(this.#child)) return;
    const exited = new Promise((resolve) => this.#child.once("exit", resolve));
    this.#child.kill("SIGKILL");
    await exited;
  }
}
