import { ChildWithOrders } from "../support/child-with-orders.js";
import type { SdkName } from "../support/sdk-table.js";
import { waitFor } from "../support/wait-for.js";

const SCRIPT = new URL("sdk-transport-server.mjs", import.meta.url);

/** A process whose MCP server is on the SDK's own transport, over a store of ours. */
export class SdkTransportProcess {
  readonly #child: ChildWithOrders;
  readonly #again: (port: number) => Promise<SdkTransportProcess>;

  private constructor(
    child: ChildWithOrders,
    readonly port: number,
    again: (port: number) => Promise<SdkTransportProcess>,
  ) {
    this.#child = child;
    this.#again = again;
  }

  /** `where`: "memory" or a SQLite file. */
  static async start(sdk: SdkName, where: string, port = 0): Promise<SdkTransportProcess> {
    const child = new ChildWithOrders(SCRIPT, [sdk, where, String(port)]);
    const again = (samePort: number) => SdkTransportProcess.start(sdk, where, samePort);
    return new SdkTransportProcess(child, (await child.next()).port, again);
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}/mcp`;
  }

  /** kill -9 */
  kill(): Promise<void> {
    return this.#child.stop();
  }

  /** The next process, on the same file and port, once this one was killed. */
  startAgain(): Promise<SdkTransportProcess> {
    return this.#again(this.port);
  }

  /** Waits until a call of `work` was dispatched in the session. */
  async isAtWork(session: string): Promise<void> {
    await waitFor("a call of work", () => this.#ask("is at work", { session }));
  }

  /** Lets the session's call report progress. */
  async progress(session: string, from: number, to: number): Promise<void> {
    await this.#ask("progress", { session, from, to });
  }

  async finish(session: string, text: string): Promise<void> {
    await this.#ask("finish", { session, text });
  }

  /** Sends log messages on the session's GET stream, all at once. */
  async say(session: string, ...data: readonly string[]): Promise<void> {
    await this.#ask("say", { session, data });
  }

  /** How many events this process has stored. */
  stored(): Promise<number> {
    return this.#ask("stored");
  }

  /** What its transports have said to `onerror`. */
  errors(): Promise<readonly string[]> {
    return this.#ask("errors");
  }

  /** Whether the store has the session. */
  has(session: string): Promise<boolean> {
    return this.#ask("has", { session });
  }

  // biome-ignore lint/suspicious/noExplicitAny: each order is answered by something else
  async #ask(order: string, args: unknown = {}): Promise<any> {
    return (await this.#child.ask(order, args)).answer;
  }
}
