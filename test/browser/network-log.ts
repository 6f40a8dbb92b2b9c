import type { CDPSession, Page } from "playwright-core";

/** A request of a page, or of the browser on its behalf, and what became of it. Names of headers are in lower case. */
export interface LoggedRequest {
  url: string;
  method: string;
  /** Whether this is the browser's own question, if the page may send what it wants to. */
  preflight: boolean;
  /** Whether it went out at all; what a preflight forbids does not. */
  sent: boolean;
  headers: Readonly<Record<string, string>>;
  /** undefined while it has no answer. */
  status: number | undefined;
  /** As the server sent them, whatever the page may read. */
  answerHeaders: Readonly<Record<string, string>>;
  /** Why the browser keeps the answer from the page, in the words of the DevTools protocol. */
  corsError: string | undefined;
}

/** What a page and its browser ask of one address: preflights show in the DevTools protocol alone. */
export class NetworkLog {
  readonly #requests = new Map<string, LoggedRequest>();
  readonly #devTools: CDPSession;
  readonly #url: string;

  private constructor(devTools: CDPSession, url: string) {
    this.#devTools = devTools;
    this.#url = url;
  }

  static async start(page: Page, url: string): Promise<NetworkLog> {
    const devTools = await page.context().newCDPSession(page);
    const log = new NetworkLog(devTools, url);
    devTools.on("Network.requestWillBeSent", ({ requestId, request: { url, method }, initiator }) => {
      log.#note(requestId, { url, method, preflight: initiator.type === "preflight" });
    });
    devTools.on("Network.requestWillBeSentExtraInfo", ({ requestId, headers }) => {
      log.#note(requestId, { sent: true, headers: inLowerCase(headers) });
    });
    devTools.on("Network.responseReceivedExtraInfo", ({ requestId, statusCode, headers }) => {
      log.#note(requestId, { status: statusCode, answerHeaders: inLowerCase(headers) });
    });
    devTools.on("Network.loadingFailed", ({ requestId, corsErrorStatus }) => {
      if (corsErrorStatus) log.#note(requestId, { corsError: corsErrorStatus.corsError });
    });
    await devTools.send("Network.enable");
    return log;
  }

  async stop(): Promise<void> {
    await this.#devTools.detach();
  }

  /** Everything so far, in the order in which it began. */
  get requests(): readonly LoggedRequest[] {
    return [...this.#requests.values()].filter(({ url }) => url === this.#url);
  }

  get preflights(): readonly LoggedRequest[] {
    return this.requests.filter(({ preflight }) => preflight);
  }

  /** The resumes of a call's stream that were served. */
  get resumes(): readonly LoggedRequest[] {
    return this.requests.filter(
      ({ method, headers, status }) =>
        method === "GET" && headers["last-event-id"]?.startsWith("p.") && status === 200,
    );
  }

  /** The protocol promises no order among the events of one request. */
  #note(requestId: string, seen: Partial<LoggedRequest>): void {
    const known = this.#requests.get(requestId) ?? {
      url: "",
      method: "",
      preflight: false,
      sent: false,
      headers: {},
      status: undefined,
      answerHeaders: {},
      corsError: undefined,
    };
    this.#requests.set(requestId, Object.assign(known, seen));
  }
}

function inLowerCase(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}
