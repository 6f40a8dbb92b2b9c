import type { ChildProcess } from "node:child_process";
import { deserializeMessage, serializeMessage } from "@modelcontextprotocol/sdk/shared/stdio.js";
import type { Transport } from "@modelcontextprotocol/sdk/shared/transport.js";
import type { JSONRPCMessage } from "@modelcontextprotocol/sdk/types.js";
import type { StdioApp } from "./config.js";
import { LineBuffer } from "./line-buffer.js";
import { readLines } from "./stderr-lines.js";
import {
  describeExit,
  endSupervised,
  isSupervisors,
  killGroup,
  startSupervised,
} from "./supervised-process.js";

/** Longest message of an upstream, in bytes; one that writes more without a line's end is ended. */
const MAX_MESSAGE_BYTES = 64 * 1024 * 1024;
/** How long the last output of a process that has exited is waited for, in ms. */
const LAST_OUTPUT_MS = 500;

/**
 * Speaks MCP with a process over its standard input and output. Unlike the SDK's own transport it knows how the
 * process ended, fails at once when it has, and leaves no process of it behind.
 */
export class StdioTransport implements Transport {
  onclose?: () => void;
  onerror?: (error: Error) => void;
  onmessage?: (message: JSONRPCMessage) => void;
  /** Takes what the process writes to standard error, line by line, empty ones left out. */
  onstderr?: (line: string) => void;

  readonly #app: StdioApp;
  readonly #buffer = new LineBuffer();
  #child: ChildProcess | undefined;
  #ending: string | undefined;
  #closed = false;

  constructor(app: StdioApp) {
    this.#app = app;
  }

  /** How the process ended; undefined while it runs. */
  get ending(): string | undefined {
    return this.#ending;
  }

  async start(): Promise<void> {
    const child = startSupervised(this.#app);
    this.#child = child;
    child.stdout?.on("data", (chunk: Buffer) => this.#receive(chunk));
    for (const stream of [child.stdin, child.stdout, child.stderr, child.stdio[3]]) {
      // A broken pipe says no more than the exit does, which follows.
      stream?.on("error", () => {});
    }
    if (child.stderr) {
      readLines(child.stderr, (line) => {
        if (!isSupervisors(line)) this.onstderr?.(line);
      });
    }
    child.once("exit", (code, signal) => {
      this.#ending = describeExit(code, signal);
      child.stdio[3]?.destroy();
      killGroup(child, "SIGKILL");
      this.#finish(child);
    });
    await new Promise<void>((resolve, reject) => {
      child.once("spawn", resolve);
      child.once("error", (error) => {
        this.#ending ??= `could not be started in ${this.#app.cwd}: ${error.message}`;
        this.#close();
        reject(new Error(this.#ending));
      });
    });
  }

  async send(message: JSONRPCMessage): Promise<void> {
    const input = this.#child?.stdin;
    if (!input || this.#ending !== undefined || input.destroyed) throw new Error("the process has ended");
    if (input.write(serializeMessage(message))) return;
    await new Promise<void>((resolve) => {
      const done = () => {
        input.off("drain", done);
        input.off("close", done);
        resolve();
      };
      input.once("drain", done);
      input.once("close", done);
    });
  }

  /** Leaves the process's output unread, which makes it wait, or reads on. */
  pause(paused: boolean): void {
    if (paused && this.#ending === undefined) this.#child?.stdout?.pause();
    else this.#child?.stdout?.resume();
  }

  async close(): Promise<void> {
    if (this.#child) await endSupervised(this.#child);
    this.#close();
  }

  #receive(chunk: Buffer): void {
    for (const line of this.#buffer.push(chunk)) {
      try {
        this.onmessage?.(deserializeMessage(line));
      } catch (error) {
        this.onerror?.(error as Error);
      }
    }
    if (this.#buffer.length <= MAX_MESSAGE_BYTES) return;
    this.#buffer.clear();
    this.onerror?.(new Error(`a message of more than ${MAX_MESSAGE_BYTES} bytes`));
    void this.close();
  }

  /** Delivers what the process said last, then closes. A process outside the group may hold the pipes open. */
  #finish(child: ChildProcess): void {
    child.stdout?.resume();
    const timer = setTimeout(() => {
      child.stdout?.destroy();
      child.stderr?.destroy();
    }, LAST_OUTPUT_MS);
    child.once("close", () => {
      clearTimeout(timer);
      this.#close();
    });
  }

  #close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#child?.stdio[3]?.destroy();
    this.#buffer.clear();
    this.onclose?.();
  }
}
