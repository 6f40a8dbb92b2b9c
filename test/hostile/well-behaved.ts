import { checkCall, checkNotifications, checkPrefix, type Said } from "../support/exactly-once.js";
import type { RawSession } from "../support/raw-session.js";
import type { RecordedStream } from "../support/recorded-stream.js";
import type { SeededRandom } from "../support/seeded-random.js";
import { waitFor } from "../support/wait-for.js";
import { expectEqual } from "./expect-equal.js";
import { inTime } from "./in-time.js";
import { ANSWER_DEADLINE_MS } from "./raw-exchange.js";
import type { Stage } from "./stage.js";

/** A round waits for a few calls, one after the other, each of which has to be answered in time. */
const ROUND_DEADLINE_MS = 3 * ANSWER_DEADLINE_MS;

/**
 * A client that does nothing wrong, and knows exactly what it must be told: every progress in order, every answer once,
 * every notification once and in order, whatever is cut and whoever else is about (G1, G3).
 */
export class WellBehaved {
  readonly session: RawSession;
  readonly #stage: Stage;
  readonly #random: SeededRandom;
  readonly #secret: string;
  /** What the GET stream must have brought, in order. */
  readonly #said: Said[] = [];
  /** Finished calls that can be read again from their beginning. */
  readonly #finished: RecordedStream[] = [];
  #counted = 0;
  #counting: Promise<unknown> = Promise.resolve();
  #saying: Promise<unknown> = Promise.resolve();

  private constructor(stage: Stage, session: RawSession, secret: string, random: SeededRandom) {
    this.#stage = stage;
    this.session = session;
    this.#secret = secret;
    this.#random = random;
  }

  static async open(stage: Stage, revision: string, random: SeededRandom): Promise<WellBehaved> {
    const session = await stage.open(revision);
    const one = new WellBehaved(stage, session, await session.text("test_tell"), random);
    session.notifications.resume();
    await session.done("logging/setLevel", { level: "error" });
    return one;
  }

  /** A few things at the same time. Rejects at the first that is not exactly as it must be. */
  async round(): Promise<void> {
    const all = [
      () => this.#steps(),
      () => this.#steps(),
      () => this.#count(),
      () => this.#say(),
      () => this.#sample(),
      () => this.#echo(),
      () => this.#cancel(),
      () => this.#retry(),
      () => this.#reread(),
      () => this.#batch(),
    ];
    const { notifications, calls } = this.session;
    const [heardBefore, callsBefore] = [notifications.events.length, calls.length];
    const some = this.#random.shuffled(all).slice(0, this.#random.integer(2, 6));
    await inTime("a round", Promise.all(some.map((task) => task())), ROUND_DEADLINE_MS);
    await this.#hearNotifications();
    const heard = [
      ...notifications.events.slice(heardBefore),
      ...calls.slice(callsBefore).flatMap(({ events }) => events),
    ];
    this.#stage.secrets.check(heard.map(({ data }) => data).join("\n"), [this.session.id]);
  }

  /** Reads the notifications once more from their beginning, and ends the session. */
  async close(): Promise<void> {
    const { session } = this;
    const replay = session.reread("g.0.0");
    await waitFor(
      "the notifications once more",
      () => replay.events.length >= this.#said.length,
      ANSWER_DEADLINE_MS,
    );
    checkPrefix(session.notifications.events, replay.events);
    session.cut();
    expectEqual("DELETE", await this.#stage.remove(session.id), 200);
    expectEqual("a session that has ended", await this.#stage.remove(session.id), 404);
    replay.cut();
    this.#stage.secrets.forget(session.id);
  }

  async #steps(): Promise<void> {
    const steps = this.#random.chance(0.2) ? 300 : this.#random.integer(0, 40);
    const ms = this.#random.integer(0, 120);
    const call = this.session.call("test_slow", { steps, ms });
    for (let cuts = this.#random.integer(0, 2); cuts > 0; cuts -= 1) await this.#cut(call);
    await this.#expectText(call, `slow done ${this.#secret}`);
    checkCall(call.events, steps);
    const told = call.messages.every(({ params }) => params === undefined || params.message === this.#secret);
    expectEqual("progress of its own", told, true);
    if (call.cursors[0]?.endsWith(".0.0")) this.#finished.push(call);
  }

  /** One after the other, since the server object counts them as they come. */
  #count(): Promise<void> {
    const counted = this.#counting.then(async () => {
      const call = this.session.call("test_counter", { ms: this.#random.integer(0, 30) });
      this.#counted += 1;
      await this.#expectText(call, String(this.#counted));
    });
    this.#counting = counted;
    return counted;
  }

  #say(): Promise<void> {
    const said = this.#saying.then(async () => {
      for (let n = this.#random.integer(1, 5); n > 0; n -= 1) {
        const data = `said ${this.#said.length}`;
        this.#said.push({ text: data, acknowledged: true });
        await this.#expectText(this.session.call("test_log", { data }), "logged");
      }
    });
    this.#saying = said;
    return said;
  }

  async #sample(): Promise<void> {
    const prompt = `prompt ${this.#random.integer(0, 1e9)}`;
    await this.#expectText(this.session.call("test_sampling", { prompt }), `echo ${prompt}`);
  }

  async #echo(): Promise<void> {
    const said = {
      text: "\n\ndata: x\u2028\u0000\ud800".repeat(this.#random.integer(1, 50)),
      __proto: [null, 1e-9],
    };
    await this.#expectText(
      this.session.call("test_echo", { said }),
      `${this.#secret} ${JSON.stringify(said)}`,
    );
  }

  async #cancel(): Promise<void> {
    const id = `cancelled ${this.#random.integer(0, 1e9)}`;
    const call = this.session.start("tools/call", { name: "test_wait" }, id);
    await waitFor("the call to begin", () => call.statuses.length > 0, ANSWER_DEADLINE_MS);
    await this.session.send({ method: "notifications/cancelled", params: { requestId: id } });
    await call.over();
    expectEqual("messages of a cancelled call", call.events.length, 0);
  }

  /** The same request twice at the same time: it is the same call, unless the first one has ended before. */
  #retry(): Promise<void> {
    const retried = this.#counting.then(async () => {
      const id = `retried ${this.#random.integer(0, 1e9)}`;
      const params = { name: "test_counter", arguments: { ms: 100 } };
      const [first, second] = [this.session.stream(), this.session.stream()];
      for (const one of [first, second]) one.post({ jsonrpc: "2.0", id, method: "tools/call", params });
      await Promise.all([first.over(), second.over()]);
      expectEqual(
        "statuses of a request and its retry",
        [...first.statuses, ...second.statuses].join(),
        "200,200",
      );
      const counts = [first, second].flatMap(({ response }) => response?.result.content[0].text ?? []);
      const expected = [this.#counted + 1, this.#counted + 2].slice(0, counts.length).map(String);
      expectEqual("a request and its retry", counts.sort().join(), expected.join());
      this.#counted += counts.length;
    });
    this.#counting = retried;
    return retried;
  }

  async #reread(): Promise<void> {
    const [original] = this.#random.shuffled(this.#finished);
    if (!original) return;
    const replay = this.session.reread(original.cursors[0]);
    await replay.over();
    checkPrefix(original.events, replay.events);
    checkPrefix(replay.events, original.events);
  }

  async #batch(): Promise<void> {
    if (this.session.protocolVersion !== "2025-03-26") return;
    const ids = Array.from(
      { length: this.#random.integer(1, 8) },
      () => `batched ${this.#random.integer(0, 1e9)}`,
    );
    const stream = this.session.stream();
    stream.post(ids.map((id) => ({ jsonrpc: "2.0", id, method: "ping" })));
    await stream.over();
    expectEqual(
      "a batch",
      stream.messages
        .map(({ id }) => id)
        .sort()
        .join(),
      [...ids].sort().join(),
    );
  }

  async #hearNotifications(): Promise<void> {
    const { notifications } = this.session;
    // Without a cursor there is nothing to go on from: what was on its way would be lost.
    if (notifications.cursor !== undefined && this.#random.chance(0.5)) notifications.cut();
    await waitFor(
      "the notifications",
      () => {
        if (!notifications.connected) notifications.resume();
        return notifications.events.length >= this.#said.length;
      },
      ANSWER_DEADLINE_MS,
    );
    checkNotifications(notifications.events, this.#said);
  }

  /** Destroys the socket of a call at some point, once there is a cursor to go on from. */
  async #cut(call: RecordedStream): Promise<void> {
    const events = this.#random.integer(0, 20);
    const begun = () => (call.cursor !== undefined && call.events.length >= events) || !call.connected;
    await waitFor("the call to begin", begun, ANSWER_DEADLINE_MS);
    if (call.response || call.cursor === undefined) return;
    call.cut();
    call.resume();
  }

  async #expectText(call: RecordedStream, text: string): Promise<void> {
    const { result, error } = await call.followToResponse(ANSWER_DEADLINE_MS);
    expectEqual("a result", result?.content[0].text ?? JSON.stringify(error), text);
  }
}
