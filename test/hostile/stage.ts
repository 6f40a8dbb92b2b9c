import { rawRequest } from "../support/raw-http.js";
import { RawSession } from "../support/raw-session.js";
import { checkAnswer } from "./answer-rules.js";
import type { HttpAnswer } from "./http-answers.js";
import { inTime } from "./in-time.js";
import { ANSWER_DEADLINE_MS, type Delivery, type Exchange, exchange } from "./raw-exchange.js";
import { SecretWatch } from "./secret-watch.js";
import type { ServerProcess } from "./server-process.js";

/** One attack, whole in itself: it may run beside any other. Rejects if the endpoint did not stand it. */
export interface Attack {
  readonly name: string;
  run(stage: Stage): Promise<void>;
}

/** Where attacks take place: a server, and the watch over its sessions' secrets. Every answer is looked through. */
export class Stage {
  readonly server: ServerProcess;
  readonly secrets = new SecretWatch();
  #silent: Error | undefined;

  constructor(server: ServerProcess) {
    this.server = server;
  }

  /** Opens a session that has a secret. An endpoint that has once let somebody wait is not asked again. */
  async open(protocolVersion = "2025-11-25", headers: Record<string, string> = {}): Promise<RawSession> {
    if (this.#silent) throw this.#silent;
    const opening = RawSession.open(this.server.url, { protocolVersion, headers });
    const session = await inTime("the answer to initialize", opening, ANSWER_DEADLINE_MS).catch((error) => {
      if (error.message.startsWith("Not within")) this.#silent = error;
      throw error;
    });
    await this.plant(session.id, headers);
    return session;
  }

  /** Gives a session a secret, which is looked for in the answers to all others. Returns: the HTTP status */
  async plant(sessionId: string, headers: Record<string, string> = {}): Promise<number> {
    const params = { name: "test_keep", arguments: { secret: this.secrets.plant(sessionId) } };
    const planting = rawRequest(this.server.url, {
      method: "POST",
      headers: { ...headers, "mcp-session-id": sessionId },
      body: { jsonrpc: "2.0", id: "keep", method: "tools/call", params },
    });
    return (await inTime("the keeping of a secret", planting, ANSWER_DEADLINE_MS)).status;
  }

  /** Gives a session a while to be used, and ends it. */
  async withSession<T>(revision: string | undefined, use: (session: RawSession) => Promise<T>): Promise<T> {
    const session = await this.open(revision);
    try {
      return await use(session);
    } finally {
      session.cut();
      await this.remove(session.id);
      this.secrets.forget(session.id);
    }
  }

  /** Asks for the end of a session. Returns: the HTTP status */
  async remove(sessionId: string, headers: Record<string, string> = {}): Promise<number> {
    const removal = rawRequest(this.server.url, {
      method: "DELETE",
      headers: { ...headers, "mcp-session-id": sessionId },
    });
    return (await inTime("DELETE", removal, ANSWER_DEADLINE_MS)).status;
  }

  /** Sends bytes; what comes back must keep the rules of every answer. */
  async exchange(delivery: Delivery, askers: readonly string[] = []): Promise<Exchange> {
    const over = await exchange(this.server.port, delivery);
    for (const answer of over.answers) this.check(answer, askers);
    return over;
  }

  check(answer: HttpAnswer, askers: readonly string[]): void {
    checkAnswer(answer);
    this.secrets.check(`${JSON.stringify(answer.headers)}${answer.body}`, askers);
  }
}
