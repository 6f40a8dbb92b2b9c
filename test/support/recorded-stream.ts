import { type RawRequest, startRequest } from "./raw-http.js";
import { SseReader } from "./sse-reader.js";
import { waitFor } from "./wait-for.js";

/** A JSON-RPC message as it came from the wire. */
export interface WireMessage {
  readonly id?: string | number;
  readonly method?: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into whatever the server sent
  readonly params?: any;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into whatever the server sent
  readonly result?: any;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into whatever the server sent
  readonly error?: { readonly code: number; readonly message: string; readonly data?: any };
}

/** A message with the event that carried it. */
export interface RecordedEvent {
  readonly id: string | undefined;
  readonly data: string;
  readonly message: WireMessage;
  /** Which connection of the stream brought it, from 1. */
  readonly connection: number;
}

/**
 * Records one SSE stream over as many connections as it takes: the events with data in the order in which they came,
 * and the cursor to resume from.
 */
export class RecordedStream {
  readonly events: RecordedEvent[] = [];
  /** HTTP statuses of the connections, in order; 0 = no answer. */
  readonly statuses: number[] = [];
  /** Body of the last answer that was no stream. */
  refusal = "";
  cursor: string | undefined;
  readonly cursors: string[] = [];

  readonly #url: string;
  readonly #headers: () => Readonly<Record<string, string>>;
  readonly #onMessage: (message: WireMessage) => void;
  #connection: { readonly over: Promise<void>; readonly cut: () => void } | undefined;
  #connections = 0;

  constructor(
    url: string,
    headers: () => Readonly<Record<string, string>>,
    onMessage: (message: WireMessage) => void = () => {},
  ) {
    this.#url = url;
    this.#headers = headers;
    this.#onMessage = onMessage;
  }

  get messages(): readonly WireMessage[] {
    return this.events.map(({ message }) => message);
  }

  /** The response that the stream has brought. */
  get response(): WireMessage | undefined {
    return this.messages.find(({ method }) => method === undefined);
  }

  get connected(): boolean {
    return this.#connection !== undefined;
  }

  /** Sends the POST whose answer this stream is. */
  post(body: unknown): this {
    this.#open({ method: "POST", body });
    return this;
  }

  /** Opens a GET, from a cursor or without one, instead of the connection that is open. */
  resume(cursor: string | undefined = this.cursor): this {
    this.cut();
    this.#open({ method: "GET", headers: cursor === undefined ? {} : { "last-event-id": cursor } });
    return this;
  }

  /** Destroys the socket of the open connection. */
  cut(): void {
    this.#connection?.cut();
    this.#connection = undefined;
  }

  /** Resolves when the open connection is over. */
  async over(): Promise<void> {
    await this.#connection?.over;
  }

  /** Resumes as often as it takes until the response is here; a 405 or 404 on the way is a failure. */
  async followToResponse(deadlineMs: number): Promise<WireMessage> {
    return waitFor(
      `the response of a stream (cursor ${this.cursor}, statuses ${this.statuses})`,
      () => {
        const { response } = this;
        if (!response && !this.connected) {
          const refused = this.statuses.some((status) => status >= 400);
          if (refused) throw new Error(`A stream was refused: ${this.statuses} ${this.refusal}`);
          this.resume();
        }
        return response;
      },
      deadlineMs,
    );
  }

  #open(request: RawRequest): void {
    this.#connections += 1;
    const number = this.#connections;
    const { response, cut } = startRequest(this.#url, {
      ...request,
      headers: { ...this.#headers(), ...request.headers },
    });
    let isCut = false;
    const connection = {
      over: this.#record(response, number, () => isCut).finally(() => {
        if (this.#connection === connection) this.#connection = undefined;
      }),
      cut: () => {
        isCut = true;
        cut();
      },
    };
    this.#connection = connection;
  }

  async #record(
    response: ReturnType<typeof startRequest>["response"],
    connection: number,
    isCut: () => boolean,
  ): Promise<void> {
    let status = 0;
    try {
      const incoming = await response;
      status = incoming.statusCode ?? 0;
      this.statuses.push(status);
      const isStream = incoming.headers["content-type"] === "text/event-stream";
      const reader = new SseReader();
      let body = "";
      for await (const text of incoming.setEncoding("utf8")) {
        // What comes after the cut was never read, as far as this client is concerned.
        if (isCut()) return;
        if (!isStream) body += text;
        else for (const event of reader.push(text)) this.#take(event, connection);
      }
      if (!isStream) this.refusal = body;
    } catch {
      // A socket that was cut, or a server that is down: the client goes on from its cursor.
      if (status === 0) this.statuses.push(0);
    }
  }

  #take({ id, data }: { id: string | undefined; data: string }, connection: number): void {
    if (id !== undefined) {
      this.cursor = id;
      this.cursors.push(id);
    }
    if (data === "") return;
    const message = JSON.parse(data) as WireMessage;
    this.events.push({ id, data, message, connection });
    this.#onMessage(message);
  }
}
