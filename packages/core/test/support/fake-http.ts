import type { HttpBody, HttpRequest, HttpResponse, McpEndpoint } from "../../src/index.js";

export interface FakeFrame {
  readonly id?: string;
  readonly retry?: number;
  readonly data?: string;
}

/** The answer to a request, as a binding would send it: keeps what is written, and reads as slowly as the test wants. */
export class FakeResponse implements HttpResponse {
  status = 0;
  headers: Readonly<Record<string, string>> = {};
  text = "";
  ended = false;
  closed = false;
  /** The client does not read: `write` returns false, and what is written counts as buffered. */
  slow = false;
  bufferedBytes = 0;
  readonly pieces: string[] = [];
  #onDrain = () => {};
  #onClose = () => {};

  get begun(): boolean {
    return this.status !== 0;
  }

  begin(status: number, headers: Readonly<Record<string, string>>): void {
    if (this.begun) throw new Error("begin called twice");
    this.status = status;
    this.headers = headers;
  }

  write(text: string): boolean {
    if (this.ended) throw new Error("write after end");
    this.text += text;
    this.pieces.push(text);
    if (this.slow) this.bufferedBytes += text.length;
    return !this.slow;
  }

  end(text = ""): void {
    if (this.ended) throw new Error("end called twice");
    this.text += text;
    this.ended = true;
    if (this.slow) this.bufferedBytes += text.length;
    else queueMicrotask(() => this.#close());
  }

  abort(): void {
    this.#close();
  }

  onDrain(listener: () => void): void {
    this.#onDrain = listener;
  }

  onClose(listener: () => void): void {
    this.#onClose = listener;
  }

  /** The client reads what is buffered. */
  drain(): void {
    this.bufferedBytes = 0;
    if (this.ended) this.#close();
    else this.#onDrain();
  }

  /** The client goes away. */
  disconnect(): void {
    this.#close();
  }

  get json(): unknown {
    return JSON.parse(this.text);
  }

  get frames(): readonly FakeFrame[] {
    return this.text
      .split("\n\n")
      .slice(0, -1)
      .filter((block) => !block.startsWith(":"))
      .map((block) => {
        const fields = Object.fromEntries(block.split("\n").map((line) => line.split(/: ?(.*)/s, 2)));
        return { ...fields, ...(fields.retry && { retry: Number(fields.retry) }) };
      });
  }

  // biome-ignore lint/suspicious/noExplicitAny: tests look into whatever was sent
  get messages(): readonly any[] {
    return this.frames.flatMap(({ data }) => (data ? [JSON.parse(data)] : []));
  }

  get cursor(): string | undefined {
    return this.frames.findLast(({ id }) => id !== undefined)?.id;
  }

  #close(): void {
    if (this.closed) return;
    this.closed = true;
    this.#onClose();
  }
}

export interface FakeRequest {
  readonly method?: string;
  readonly url?: string;
  readonly headers?: Readonly<Record<string, string | undefined>>;
  /** Sent as JSON; a string is sent as it is. */
  readonly body?: unknown;
  /** In place of `body`: what reading it comes to. */
  readonly read?: HttpBody;
  readonly authInfo?: unknown;
}

/** Headers that every POST needs. */
const POST_HEADERS = {
  accept: "application/json, text/event-stream",
  "content-type": "application/json",
};

export function fakeRequest({
  method = "POST",
  url = "/mcp",
  headers = {},
  body,
  read,
  authInfo,
}: FakeRequest): HttpRequest {
  const defaults = method === "POST" ? POST_HEADERS : { accept: "text/event-stream" };
  const text = typeof body === "string" ? body : JSON.stringify(body);
  return {
    method,
    url,
    headers: { ...defaults, ...headers },
    authInfo,
    readBody: async (maxBytes) => {
      if (read) return read;
      return text.length > maxBytes ? { outcome: "too-large" } : { outcome: "text", text };
    },
  };
}

/** Makes a request. Resolves when `handle` does: the answer has begun, or is complete if it is no stream. */
export async function ask(
  endpoint: McpEndpoint,
  request: FakeRequest,
  response = new FakeResponse(),
): Promise<FakeResponse> {
  await endpoint.handle(fakeRequest(request), response);
  return response;
}
