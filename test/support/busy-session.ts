import { setTimeout as pause } from "node:timers/promises";
import { checkCall, checkNotifications, checkPrefix, type Said } from "./exactly-once.js";
import { RawSession } from "./raw-session.js";
import type { RecordedStream } from "./recorded-stream.js";
import type { SeededRandom } from "./seeded-random.js";
import { waitFor } from "./wait-for.js";

/** How long an interrupted call may take to conclude, in ms (G4). */
const CONCLUSION_DEADLINE_MS = 10_000;

/** A session that is kept busy with random calls, and knows what it must have been told in the end. */
export class BusySession {
  readonly raw: RawSession;
  readonly #random: SeededRandom;
  readonly #name: string;
  /** Steps of the calls that report progress. */
  readonly #steps = new Map<RecordedStream, number>();
  /** What was asked to be said on the GET stream, in order, and by which call. */
  readonly #said: { readonly text: string; readonly call: RecordedStream }[] = [];
  readonly #subscriptions: { readonly uri: string; readonly call: RecordedStream }[] = [];
  /** Second readings of streams, from their beginning. */
  readonly #replays: { readonly replay: RecordedStream; readonly original: RecordedStream }[] = [];
  #talking = Promise.resolve();
  #count = 0;
  #firstOfLast = 0;

  private constructor(raw: RawSession, random: SeededRandom, name: string) {
    this.raw = raw;
    this.#random = random;
    this.#name = name;
  }

  /** Opens a session that hears only of errors, has one subscription, and listens to its GET stream. */
  static async open(url: string, protocolVersion: string, random: SeededRandom): Promise<BusySession> {
    const raw = await RawSession.open(url, { protocolVersion });
    const session = new BusySession(raw, random, protocolVersion);
    raw.notifications.resume();
    await raw.done("logging/setLevel", { level: "error" });
    await session.#subscribe();
    return session;
  }

  /** Starts calls of every kind and does not wait for them; some of their sockets are cut. */
  beBusy(): void {
    this.#firstOfLast = this.raw.calls.length;
    for (let n = this.#random.integer(2, 5); n > 0; n -= 1) {
      const burst = this.#random.chance(0.2);
      const steps = burst ? 300 : this.#random.integer(0, 40);
      const call = this.raw.call("test_slow", { ms: burst ? 0 : this.#random.integer(0, 400), steps });
      this.#steps.set(call, steps);
      if (this.#random.chance(0.5)) void this.#cutSoon(call);
    }
    this.raw.call("test_sampling", { prompt: this.#unique("prompt") });
    this.#talking = this.#talking.then(() => this.#talk());
    if (this.#random.chance(0.3)) void this.#cutSoon(this.raw.notifications);
  }

  /** Resolves when the answer of one of the calls started last has begun. */
  async begun(): Promise<void> {
    await waitFor("a call to begin", () =>
      this.raw.calls.slice(this.#firstOfLast).some(({ cursor }) => cursor),
    );
  }

  /** Reads every stream that has brought something once more from its beginning, and does not wait for it. */
  replay(): void {
    for (const original of this.#resumable()) {
      const replay = this.raw.reread(original.cursors[0]);
      this.#replays.push({ replay, original });
    }
    // The notifications too: a socket that is cut while they are read again.
    this.raw.notifications.resume();
  }

  /** Sends a request and does not wait for its answer. */
  knock(): void {
    this.raw.start("ping");
  }

  /** Follows every call until it is concluded. What never got a cursor cannot be followed. */
  async settle(): Promise<void> {
    await this.#talking;
    if (!this.raw.notifications.connected) this.raw.notifications.resume();
    const open = this.raw.calls.filter(({ response }) => !response);
    await Promise.all(
      open.map(async (call) => {
        await waitFor("a cursor", () => call.cursor !== undefined || !call.connected, CONCLUSION_DEADLINE_MS);
        if (call.cursor !== undefined) await call.followToResponse(CONCLUSION_DEADLINE_MS);
      }),
    );
  }

  /** Checks that a new server object is what the old one was. */
  async checkRestored(): Promise<void> {
    this.#expect(await this.raw.text("test_counter"), "1");
    const prompt = this.#unique("prompt");
    this.#expect(await this.raw.text("test_sampling", { prompt }), `LLM response: echo ${prompt}`);
    await this.#checkLogLevel();
    for (const { uri, call } of this.#subscriptions) {
      if (call.response?.result) await this.#say("test_update_resource", { uri }, `updated: ${uri}`, "sent");
    }
    this.#expect(await this.raw.text("test_update_resource", { uri: "test://other" }), "not subscribed");
    const primed = this.raw.calls.at(-1)?.cursors[0]?.endsWith(".0.0");
    this.#expect(String(primed), String(this.#primed));
  }

  /** Checks that nothing that was read to its end is told again. */
  async checkFinished(): Promise<void> {
    const finished = this.raw.calls.filter(({ response, cursor }) => response && cursor !== undefined);
    for (const call of this.#random.shuffled(finished).slice(0, 5)) {
      const again = this.raw.reread(call.cursor);
      await again.over();
      this.#expect(`${again.statuses} ${again.events.length}`, "405 0");
    }
  }

  /** Checks everything that was ever recorded, and that reading it once more from its beginning gives the same. */
  async checkRecordings(): Promise<void> {
    const { notifications, calls } = this.raw;
    const last = this.#unique("last");
    await this.#say("test_log", { level: "error", data: last, to: "session" }, last, "logged");
    await waitFor("the last notification", () => notifications.events.at(-1)?.data.includes(last));
    const said = this.#said.map(({ text, call }): Said => ({ text, acknowledged: isDone(call) }));
    checkNotifications(notifications.events, said);
    for (const call of calls) checkCall(call.events, this.#steps.get(call) ?? 0);
    // The head of an answer brings a cursor with it, from 2025-11-25 on: with one, no call goes unanswered.
    const unheard = calls.filter(
      ({ response, statuses }) => !response && statuses.some((status) => status > 0),
    );
    if (this.#primed && unheard.length > 0) throw new Error(`${unheard.length} calls were never concluded`);
    if (new Set(this.raw.asked).size < this.raw.asked.length)
      throw new Error(`The server asked twice: ${this.raw.asked}`);

    for (const { replay, original } of this.#replays) checkPrefix(replay.events, original.events);
    for (const original of this.#resumable().filter(({ response }) => response)) {
      const replay = this.raw.reread(original.cursors[0]);
      await replay.over();
      checkPrefix(original.events, replay.events);
      checkPrefix(replay.events, original.events);
    }
    const replay = this.raw.reread("g.0.0");
    await waitFor("the notifications once more", () => replay.cursor === notifications.cursor);
    checkPrefix(notifications.events, replay.events);
  }

  /** HTTP statuses of all its requests. */
  get statuses(): readonly number[] {
    return [this.raw, this.raw.notifications, ...this.raw.calls].flatMap(({ statuses }) => statuses);
  }

  /** How many of its calls have got a result, an error, and nothing that could be followed. */
  get outcomes(): { readonly results: number; readonly errors: number; readonly unheard: number } {
    const { calls } = this.raw;
    return {
      results: calls.filter(({ response }) => response?.result).length,
      errors: calls.filter(({ response }) => response?.error).length,
      unheard: calls.filter(({ response }) => !response).length,
    };
  }

  /** Whether the negotiated revision has priming events. */
  get #primed(): boolean {
    return this.raw.protocolVersion >= "2025-11-25";
  }

  /** Calls whose stream can be read again from its beginning. */
  #resumable(): readonly RecordedStream[] {
    return this.raw.calls.filter(({ cursors }) => cursors[0]?.endsWith(".0.0"));
  }

  async #cutSoon(stream: RecordedStream): Promise<void> {
    await waitFor("a cursor", () => stream.cursor !== undefined || !stream.connected);
    await pause(this.#random.integer(0, 60));
    stream.cut();
    if (this.#random.chance(0.5) && stream.cursor !== undefined && !stream.response) stream.resume();
  }

  /** Says a few things on the GET stream, one after the other, until the server is gone. */
  async #talk(): Promise<void> {
    for (let n = this.#random.integer(1, 12); n > 0; n -= 1) {
      const text = this.#unique("say");
      const call = this.raw.call("test_log", { level: "error", data: text, to: "session" });
      this.#said.push({ text, call });
      await waitFor("what is said to be answered", () => call.response !== undefined || !call.connected);
      if (!call.response) return;
    }
    if (this.#random.chance(0.3)) await this.#subscribe();
  }

  async #subscribe(): Promise<void> {
    const uri = `test://${this.#unique("watched")}`;
    const call = this.raw.start("resources/subscribe", { uri });
    this.#said.push({ text: `subscribed: ${uri}`, call });
    this.#subscriptions.push({ uri, call });
    await waitFor("the subscription", () => call.response !== undefined || !call.connected);
  }

  async #say(tool: string, args: Record<string, unknown>, text: string, expected: string): Promise<void> {
    const call = this.raw.call(tool, args);
    this.#said.push({ text, call });
    const { result } = await call.followToResponse(CONCLUSION_DEADLINE_MS);
    this.#expect(result?.content[0].text, expected);
  }

  async #checkLogLevel(): Promise<void> {
    const call = this.raw.stream();
    for (const [level, messages] of [
      ["warning", 1],
      ["error", 2],
    ] as const) {
      const id = this.#unique("log");
      const params = { name: "test_log", arguments: { level, data: id } };
      const before = call.events.length;
      call.post({ jsonrpc: "2.0", id, method: "tools/call", params });
      await waitFor("the answer", () => call.events.at(-1)?.message.id === id);
      this.#expect(String(call.events.length - before), String(messages));
    }
  }

  #unique(what: string): string {
    this.#count += 1;
    return `${what} ${this.#count} of ${this.#name}`;
  }

  #expect(actual: unknown, expected: string): void {
    if (actual !== expected) throw new Error(`Session ${this.#name}: expected ${expected}, got ${actual}`);
  }
}

function isDone({ response }: RecordedStream): boolean {
  return response?.result !== undefined;
}
