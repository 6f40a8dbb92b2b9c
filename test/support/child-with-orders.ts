import { type ChildProcess, fork } from "node:child_process";

// biome-ignore lint/suspicious/noExplicitAny: each child says something else
type Said = any;

/** A child process that is given orders one at a time, and answers each with one message. */
export class ChildWithOrders {
  readonly #child: ChildProcess;
  readonly #said: Said[] = [];
  #heard: (() => void) | undefined;
  #gone = false;

  constructor(script: URL, args: readonly string[]) {
    this.#child = fork(script, [...args], { execArgv: ["--expose-gc"] });
    this.#child.on("message", (message) => {
      this.#said.push(message);
      this.#heard?.();
    });
    this.#child.on("exit", () => {
      this.#gone = true;
      this.#heard?.();
    });
  }

  /** The next message of the child. */
  async next(): Promise<Said> {
    while (this.#said.length === 0) {
      if (this.#gone) throw new Error(`The child process has exited with ${this.#child.exitCode}`);
      await new Promise<void>((heard) => {
        this.#heard = heard;
      });
    }
    return this.#said.shift();
  }

  /** Gives an order and waits for the answer. */
  ask(order: string, args?: unknown): Promise<Said> {
    this.#child.send({ order, args });
    return this.next();
  }

  /** Lets go of the child, which has to end by itself. */
  async exit(): Promise<void> {
    const exited = new Promise<void>((resolve) => this.#child.once("exit", () => resolve()));
    this.#child.disconnect();
    const late = new Promise<never>((_, reject) => {
      setTimeout(() => reject(new Error("The child process does not end by itself")), 5_000).unref();
    });
    await Promise.race([exited, late]);
  }

  async stop(): Promise<void> {
    if (this.#gone) return;
    const exited = new Promise((resolve) => this.#child.once("exit", resolve));
    this.#child.kill("SIGKILL");
    await exited;
  }
}
