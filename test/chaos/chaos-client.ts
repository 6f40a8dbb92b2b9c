import { setTimeout as pause } from "node:timers/promises";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import {
  StreamableHTTPClientTransport,
  StreamableHTTPError,
} from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import type { FetchLike, Transport } from "@modelcontextprotocol/sdk/shared/transport.js";
import { ElicitRequestSchema, McpError } from "@modelcontextprotocol/sdk/types.js";
import type { WireMessage } from "../support/recorded-stream.js";
import type { SeededRandom } from "../support/seeded-random.js";
import { waitFor } from "../support/wait-for.js";
import { balancedFetch } from "./balanced-fetch.js";
import type { Balancer } from "./balancer.js";
import { type CallPlan, say } from "./call-plans.js";
import type { CallError } from "./history.js";
import type { HistoryRecorder } from "./history-recorder.js";
import { insistOnAnswers } from "./insistent-answers.js";
import { MarkedTransport, SEND_AS } from "./marked-transport.js";
import { newMark } from "./marks.js";

const FOR_EVER = 2 ** 31 - 1;
const LAST_WORD_DEADLINE_MS = 10_000;

/** Where clients live. */
export interface ChaosWorld {
  readonly balancer: Balancer;
  readonly recorder: HistoryRecorder;
  readonly random: SeededRandom;
}

/** The official client with all the patience there is, in one session whose history is recorded. */
export class ChaosClient {
  readonly mark: string;
  readonly #world: ChaosWorld;
  readonly #client: Client;
  readonly #transport: StreamableHTTPClientTransport;
  /** The call of each cursor, and of each question of the server. */
  readonly #calls = new Map<string, string>();
  readonly #said = new Set<string>();
  #count = 0;
  #isClosed = false;
  #hasNotifications: "not yet" | "yes" | "never" = "not yet";

  private constructor(world: ChaosWorld) {
    this.#world = world;
    this.mark = newMark(world.random);
    const send = balancedFetch(world.balancer, world.recorder, this.mark, (body, cursor) =>
      this.#callOf(body, cursor),
    );
    this.#transport = new StreamableHTTPClientTransport(new URL("http://balancer.test/mcp"), {
      reconnectionOptions: {
        initialReconnectionDelay: 50,
        maxReconnectionDelay: 50,
        reconnectionDelayGrowFactor: 1,
        maxRetries: FOR_EVER,
      },
      fetch: insistOnAnswers(this.#watchingForNotifications(send)),
    });
    this.#client = new Client({ name: "chaos", version: "1.0.0" }, { capabilities: { elicitation: {} } });
    this.#client.setRequestHandler(ElicitRequestSchema, async ({ params }) => {
      await pause(world.random.integer(0, 100));
      return { action: "accept", content: { response: `answer to ${params.message}` } };
    });
  }

  /** Opens a session, its GET stream, and a subscription; again and again if that fails. */
  static async open(world: ChaosWorld): Promise<ChaosClient> {
    for (;;) {
      const client = new ChaosClient(world);
      try {
        await client.#open();
        return client;
      } catch {
        // A fault: no session has begun that anybody has promised to keep.
        await client.#client.close();
        await pause(50);
      }
    }
  }

  /** The resource that the session has subscribed to. */
  get watched(): string {
    return `test://${this.mark}/watched`;
  }

  /** Makes a call and waits until it is concluded, however that may be. Returns: whether it got its result */
  async call(plan: (name: string, random: SeededRandom) => CallPlan): Promise<boolean> {
    const { recorder, random } = this.#world;
    this.#count += 1;
    const call = `${this.mark}.${this.#count}`;
    const { tool, args, ...expected } = plan(call, random);
    const of = { session: this.mark, call };
    recorder.record({ type: "sent", ...of, ...expected });
    const params = { name: tool, arguments: { ...args }, _meta: { [SEND_AS]: call } };
    const options = { timeout: FOR_EVER, ...(expected.steps > 0 ? { onprogress: () => {} } : {}) };
    try {
      const { content, isError } = await this.#client.callTool(params, undefined, options);
      const text = (content as { text?: string }[])[0]?.text ?? "";
      if (isError) recorder.record({ type: "concluded", ...of, error: { from: "tool", message: text } });
      else recorder.record({ type: "concluded", ...of, text });
      return !isError;
    } catch (error) {
      // What the client gives up itself, in the end, was never concluded.
      if (!this.#isClosed) recorder.record({ type: "concluded", ...of, error: callError(error) });
      return false;
    }
  }

  /** Says a last word on the GET stream and waits until it has come: what was said before has come by then, or never will. */
  async hearOut(): Promise<void> {
    while (!(await this.call(say)) && !this.#isClosed) await pause(50);
    const last = `${this.mark}.${this.#count}`;
    // If it does not come, the history shows it.
    await waitFor("the last word", () => this.#said.has(last), LAST_WORD_DEADLINE_MS).catch(() => {});
  }

  /** Ends the session. */
  async end(): Promise<void> {
    this.#world.recorder.record({ type: "ended", session: this.mark });
    // It may fail; the session then goes when nobody has asked for it for long.
    await this.#transport.terminateSession().catch(() => {});
    await this.close();
  }

  /** Lets go of every connection. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#client.close();
  }

  async #open(): Promise<void> {
    const { recorder } = this.#world;
    const marked = new MarkedTransport(
      this.#transport as Transport,
      this.mark,
      (message) => this.#take(message as WireMessage),
      (cursor, call) => this.#calls.set(cursor, call),
    );
    await this.#client.connect(marked);
    // The official client asks for the stream once, and does without if that fails.
    await waitFor("the GET stream", () => this.#hasNotifications !== "not yet", FOR_EVER);
    if (this.#hasNotifications === "never") throw new Error("The session has no GET stream");
    await this.#client.subscribeResource({ uri: this.watched }, { timeout: FOR_EVER });
    recorder.record({ type: "opened", session: this.mark });
  }

  #watchingForNotifications(send: FetchLike): FetchLike {
    return async (input, init) => {
      if (init?.method !== "GET" || this.#hasNotifications !== "not yet") return send(input, init);
      try {
        const response = await send(input, init);
        this.#hasNotifications = response.ok ? "yes" : "never";
        return response;
      } catch (error) {
        this.#hasNotifications = "never";
        throw error;
      }
    };
  }

  #take(message: WireMessage): void {
    this.#world.recorder.record({ type: "received", session: this.mark, message });
    const { id, method, params } = message;
    if (method === "elicitation/create") this.#calls.set(String(id), String(params?.message));
    if (method === "notifications/message") this.#said.add(String(params?.data));
  }

  #callOf(body: unknown, cursor: string | undefined): string | undefined {
    if (cursor !== undefined) return this.#calls.get(cursor);
    if (typeof body !== "string") return undefined;
    const { id, method } = JSON.parse(body) as WireMessage;
    if (id === undefined) return undefined;
    return method === undefined ? this.#calls.get(String(id)) : String(id);
  }
}

function callError(error: unknown): CallError {
  const { message } = error as Error;
  if (error instanceof StreamableHTTPError) return { from: "http", code: error.code ?? 0, message };
  if (!(error instanceof McpError)) return { from: "network", message };
  const { retryable } = (error.data ?? {}) as { retryable?: boolean };
  return { from: "rpc", code: error.code, message, ...(retryable === undefined ? {} : { retryable }) };
}
