import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Answers, Listening, Question } from "./servers/control.js";
import type { Subject } from "./subjects.js";

/** How long a server process may take to exit when it is let go, in ms: writing a profile takes a while. */
const EXIT_DEADLINE_MS = 10_000;

/** Where a process writes its CPU profile when it exits. */
export interface Profile {
  readonly folder: string;
  readonly name: string;
}

/** A subject's server, in a process and with a folder of its own. */
export class ServerProcess {
  readonly subject: Subject;
  readonly #child: ChildProcess;
  readonly #folder: string;
  #port = 0;

  private constructor(subject: Subject, profile: Profile | undefined) {
    this.subject = subject;
    this.#folder = mkdtempSync(join(tmpdir(), "durable-mcp-bench-"));
    const flags = profile && [
      "--cpu-prof",
      `--cpu-prof-dir=${profile.folder}`,
      `--cpu-prof-name=${profile.name}`,
    ];
    this.#child = fork(fileURLToPath(new URL(`./servers/${subject}.js`, import.meta.url)), [this.#folder], {
      execArgv: ["--expose-gc", ...(flags ?? [])],
    });
  }

  static async start(subject: Subject, profile?: Profile): Promise<ServerProcess> {
    const server = new ServerProcess(subject, profile);
    try {
      server.#port = (await heard<Listening>(server.#child)).port;
      return server;
    } catch (error) {
      await server.stop();
      throw error;
    }
  }

  get port(): number {
    return this.#port;
  }

  /** Asks the process about itself. One question at a time. */
  async ask<Q extends Question>(question: Q): Promise<Answers[Q]> {
    this.#child.send(question);
    return heard<Answers[Q]>(this.#child);
  }

  /** What `work` returns, and the CPU time in µs that the process uses meanwhile. */
  async whileCounting<T>(work: () => Promise<T>): Promise<{ readonly result: T; readonly cpuUs: number }> {
    const before = await this.ask("cpu");
    const result = await work();
    return { result, cpuUs: (await this.ask("cpu")).cpuUs - before.cpuUs };
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) {
      const exited = once(this.#child, "exit");
      if (this.#child.connected) this.#child.disconnect();
      const timer = setTimeout(() => this.#child.kill("SIGKILL"), EXIT_DEADLINE_MS);
      await exited;
      clearTimeout(timer);
    }
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

/** The next thing that the process says. */
async function heard<T>(child: ChildProcess): Promise<T> {
  return new Promise((resolve, reject) => {
    const onExit = (code: number | null) => reject(new Error(`A server process exited with ${code}.`));
    child.once("exit", onExit);
    child.once("message", (said) => {
      child.off("exit", onExit);
      resolve(said as T);
    });
  });
}
