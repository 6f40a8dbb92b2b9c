import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { isJSONRPCRequest, type JSONRPCMessage, type RequestId } from "@modelcontextprotocol/sdk/types.js";
import type { HttpApp } from "./config.js";
import { upstreamError } from "./rpc.js";
import { SseIdScanner } from "./sse-id-scanner.js";

/** Attempts to resume a stream before its upstream is given up. */
const MAX_RETRIES = 5;
/** Time in ms that the SDK is given to hand on what it has read of an answer that has ended. */
const HAND_ON_MS = 100;
/** Time in ms that an upstream is given to take note of the end of its session. */
const TERMINATE_MS = 1_000;

/**
 * Speaks MCP with an upstream over Streamable HTTP. Unlike the SDK's own transport it fails a call whose answer broke
 * off and cannot be resumed, in place of leaving it to its timeout.
 */
export class HttpTransport extends StreamableHTTPClientTransport {
  readonly #app: HttpApp;
  readonly #unanswered = new Set<RequestId>();

  constructor(app: HttpApp) {
    super(new URL(app.url), {
      requestInit: { headers: { ...app.headers } },
      fetch: (url, init) => this.#fetch(url, init),
      reconnectionOptions: {
        initialReconnectionDelay: 1_000,
        maxReconnectionDelay: 30_000,
        reconnectionDelayGrowFactor: 1.5,
        maxRetries: MAX_RETRIES,
      },
    });
    this.#app = app;
  }

  /** To be called with every message that has come in. */
  overhear(message: JSONRPCMessage): void {
    if (!("method" in message) && message.id !== undefined) this.#unanswered.delete(message.id);
  }

  /** Ends the session at the upstream, as a good client does. One that cannot be told finds out by itself. */
  async sayGoodbye(): Promise<void> {
    const told = this.terminateSession().catch(() => {});
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, TERMINATE_MS);
    });
    await Promise.race([told, late]).finally(() => clearTimeout(timer));
  }

  async #fetch(url: string | URL, init?: RequestInit): Promise<Response> {
    const response = await fetch(url, init);
    const id = init?.method === "POST" && typeof init.body === "string" ? requestIdOf(init.body) : undefined;
    const isStream = response.headers.get("content-type")?.startsWith("text/event-stream");
    if (id !== undefined && response.ok && isStream) {
      this.#unanswered.add(id);
      void this.#watch(id, response.clone());
    }
    return response;
  }

  async #watch(id: RequestId, copy: Response): Promise<void> {
    const resumable = await readToEnd(copy);
    await new Promise((resolve) => setTimeout(resolve, HAND_ON_MS));
    // What is resumable the SDK resumes, or says that it cannot.
    if (resumable || !this.#unanswered.delete(id)) return;
    const { code, message, data } = upstreamError("UPSTREAM_ENDED", this.#app.name, "broke off its answer");
    this.onmessage?.({ jsonrpc: "2.0", id, error: { code, message, data } });
  }
}

/** Reads an SSE answer until it ends or breaks off. Returns: whether an event carried an id to resume from */
async function readToEnd(response: Response): Promise<boolean> {
  const decoder = new TextDecoder();
  const scanner = new SseIdScanner();
  try {
    for await (const chunk of response.body ?? []) {
      scanner.push(decoder.decode(chunk, { stream: true }));
    }
  } catch {
    // Broken off.
  }
  return scanner.found;
}

function requestIdOf(body: string): RequestId | undefined {
  const message: unknown = JSON.parse(body);
  return isJSONRPCRequest(message) ? message.id : undefined;
}
