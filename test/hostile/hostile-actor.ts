import type { HostileAction, HostileExchange } from "./hostile-action.js";
import type { HostileWorld } from "./hostile-world.js";
import type { HttpAnswer } from "./http-answers.js";
import type { Exchange } from "./raw-exchange.js";
import { cursorsOf, messagesOf } from "./sse-rules.js";
import type { Stage } from "./stage.js";

/** Does what hostile clients do, and judges what comes back by what holds of everybody. */
export class HostileActor {
  readonly #stage: Stage;
  readonly #world: HostileWorld;

  constructor(stage: Stage, world: HostileWorld) {
    this.#stage = stage;
    this.#world = world;
  }

  /** All exchanges of an action at the same time. Rejects at the first answer that nobody may get. */
  async perform({ exchanges }: HostileAction): Promise<void> {
    await Promise.all(exchanges.map((one) => this.#exchange(one)));
  }

  /** Opens a session as anybody may, if the quota lets it, and keeps a secret in it. */
  async openSession(user: string, revision: string): Promise<void> {
    try {
      const { id } = await this.#stage.open(revision, { "x-test-user": user });
      this.#adopt(id, user);
    } catch (error) {
      if (!(error instanceof Error && error.message.startsWith("initialize: 429 "))) throw error;
    }
  }

  #adopt(id: string, user: string): void {
    const forgotten = this.#world.add({ id, user });
    if (forgotten) this.#stage.secrets.forget(forgotten.id);
  }

  #drop(id: string): void {
    this.#world.drop(id);
    this.#stage.secrets.forget(id);
  }

  async #exchange(one: HostileExchange): Promise<void> {
    const { target, delivery, mustAnswer } = one;
    const over = await this.#stage.exchange(delivery, target.own === undefined ? [] : [target.own]);
    if (over.ended === "late") throw new Error(`No end after ${over.tookMs | 0} ms: ${quoted(over)}`);
    for (const answer of over.answers) {
      if (answer.status < 300 && target.own === undefined) await this.#expectOpening(one, answer);
      if (answer.status === 404 && target.own !== undefined) this.#drop(target.own);
      this.#world.see(cursorsOf(answer.body));
    }
    if (mustAnswer !== undefined) await this.#expectAnswered(over, one, mustAnswer);
  }

  /** Without a session of one's own there is nothing to be had but a new one. */
  async #expectOpening({ target: { header, user } }: HostileExchange, answer: HttpAnswer): Promise<void> {
    const id = answer.headers["mcp-session-id"];
    if (header !== undefined || id === undefined || this.#world.isVictim(id)) {
      throw new Error(`A stranger was served: ${JSON.stringify(answer).slice(0, 2_000)}`);
    }
    if (!answer.body.includes('"serverInfo"') || this.#world.sessions.some((session) => session.id === id))
      return;
    await this.#stage.plant(id, { "x-test-user": user });
    this.#adopt(id, user);
  }

  /** A request that is right is answered exactly once, unless its session has ended. */
  async #expectAnswered(over: Exchange, { target }: HostileExchange, id: string | number): Promise<void> {
    const [answer] = over.answers;
    if (answer?.status === 404 || answer?.status === 429) return;
    const responses = messagesOf(answer?.body ?? "").filter(
      (message) => message.id === id && !message.method,
    );
    if (responses.length === 1) return;
    const status = await this.#stage.remove(target.own ?? "", { "x-test-user": target.user });
    if (responses.length > 1 || status !== 404) {
      throw new Error(`${responses.length} answers to ${id}: ${quoted(over)}`);
    }
  }
}

function quoted({ ended, answers }: Exchange): string {
  return `${ended} ${JSON.stringify(answers).slice(0, 2_000)}`;
}
