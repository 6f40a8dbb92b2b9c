import type {
  CreateOptions,
  JsonObject,
  NewSession,
  QuotaRefusal,
  SessionRecord,
  SessionStore,
} from "@durable-mcp/contract";
import type { Keys } from "./keys.js";
import { CLAIM, CREATE, GET, RELEASE, TERMINATE, TOUCH, UPDATE } from "./lua-session.js";
import type { RedisConnection } from "./redis-connection.js";
import { type Script, script } from "./script.js";
import type { SessionIndex } from "./session-index.js";
import { fromStored, toStored } from "./stored-text.js";
import type { WakeUps } from "./wake-ups.js";

const SCRIPTS = {
  create: script(CREATE),
  get: script(GET),
  update: script(UPDATE),
  touch: script(TOUCH),
  claim: script(CLAIM),
  release: script(RELEASE),
  terminate: script(TERMINATE),
};

/** What a script says of a session. */
interface Answer<Outcome extends string> {
  readonly outcome: Outcome;
  /** Set where the outcome comes with one. */
  readonly record: SessionRecord;
}

/** The sessions. Each method is one script on the session's slot; those that change an index have two more round trips. */
export class RedisSessionStore implements SessionStore {
  readonly #connection: RedisConnection;
  readonly #keys: Keys;
  readonly #index: SessionIndex;
  readonly #wakeUps: WakeUps;

  constructor(connection: RedisConnection, keys: Keys, index: SessionIndex, wakeUps: WakeUps) {
    this.#connection = connection;
    this.#keys = keys;
    this.#index = index;
    this.#wakeUps = wakeUps;
  }

  async create(
    { id, principal, nodeId, shape, state }: NewSession,
    options: CreateOptions,
  ): Promise<{ outcome: "ok"; record: SessionRecord } | { outcome: "exists" } | QuotaRefusal> {
    if (await this.get(id)) return { outcome: "exists" };
    const reserved = await this.#index.reserve(id, principal, options);
    if ("full" in reserved) return { outcome: "quota", scope: reserved.full };
    const args = [
      toStored(id),
      toStored(principal),
      toStored(nodeId),
      options.ttlMs,
      json(shape),
      json(state),
    ];
    const created = this.#run<"ok" | "exists">(SCRIPTS.create, id, args);
    // One of which nobody knows whether it was created is nobody's, and counts for nothing.
    created.catch(() => reserved.undo()).catch(() => {});
    const { outcome, record } = await created;
    if (outcome === "ok") return { outcome, record };
    await reserved.undo(record.principal);
    return { outcome };
  }

  async get(id: string): Promise<SessionRecord | undefined> {
    const { outcome, record } = await this.#run<"ok" | "gone">(SCRIPTS.get, id, []);
    return outcome === "ok" ? record : undefined;
  }

  async update(
    id: string,
    expected: { readonly fence: number; readonly version?: number },
    change: { readonly shape?: JsonObject; readonly state?: JsonObject },
  ): Promise<
    | { outcome: "ok"; record: SessionRecord }
    | { outcome: "fenced" }
    | { outcome: "conflict"; record: SessionRecord }
    | { outcome: "gone" }
  > {
    const { shape, state } = change;
    const args = [
      expected.fence,
      expected.version ?? "",
      shape === undefined ? "" : json(shape),
      state === undefined ? "" : json(state),
    ];
    const { outcome, record } = await this.#run<"ok" | "fenced" | "conflict" | "gone">(
      SCRIPTS.update,
      id,
      args,
    );
    return outcome === "ok" || outcome === "conflict" ? { outcome, record } : { outcome };
  }

  async touch(id: string, ttlMs: number): Promise<{ outcome: "ok" | "gone" }> {
    const { outcome, record } = await this.#run<"ok" | "gone">(SCRIPTS.touch, id, [ttlMs]);
    if (outcome === "ok") await this.#index.refresh(id, record.principal, record.expiresAtMs);
    return { outcome };
  }

  async claim(
    id: string,
    expectedFence: number,
    nodeId: string,
  ): Promise<
    | { outcome: "ok"; record: SessionRecord }
    | { outcome: "lost"; record: SessionRecord }
    | { outcome: "gone" }
  > {
    const args = [expectedFence, toStored(nodeId)];
    const { outcome, record } = await this.#run<"ok" | "lost" | "gone">(SCRIPTS.claim, id, args);
    return outcome === "gone" ? { outcome } : { outcome, record };
  }

  async release(id: string, fence: number): Promise<{ outcome: "ok" | "fenced" | "gone" }> {
    const { outcome } = await this.#run<"ok" | "fenced" | "gone">(SCRIPTS.release, id, [fence, toStored("")]);
    return { outcome };
  }

  async terminate(id: string, fence?: number): Promise<{ outcome: "ok" | "fenced" | "gone" }> {
    const args = [fence ?? "", this.#wakeUps.channel];
    const { outcome, record } = await this.#run<"ok" | "fenced" | "gone">(SCRIPTS.terminate, id, args);
    if (outcome !== "ok") return { outcome };
    this.#wakeUps.end(id);
    // A repeated call does not know whose session it was: its entry goes by expiry.
    if (record) await this.#index.remove(id, record.principal);
    return { outcome };
  }

  async list(
    principal: string,
    { limit, cursor }: { readonly limit: number; readonly cursor?: string },
  ): Promise<{ sessions: readonly SessionRecord[]; next?: string }> {
    // The cursor is the number of the last session of the page before: what is created later has higher ones.
    let below = cursor === undefined ? "+inf" : /^\d{1,17}$/.test(cursor) ? cursor : "0";
    const sessions: { record: SessionRecord; number: string }[] = [];
    const page = () => sessions.map(({ record }) => record);
    for (;;) {
      const found = await this.#index.page(principal, below, limit + 1);
      const records = await Promise.all(found.map(({ name }) => this.#recordNamed(name)));
      for (const [place, { number }] of found.entries()) {
        const record = records[place];
        below = number;
        if (record?.principal !== principal) continue;
        if (sessions.length === limit) return { sessions: page(), next: sessions.at(-1)?.number as string };
        sessions.push({ record, number });
      }
      if (found.length <= limit) return { sessions: page() };
    }
  }

  /** Expiry is Redis's own work; what is left are those here who watch a session that has expired. */
  async sweep(): Promise<{ more: boolean }> {
    await this.#wakeUps.check();
    return { more: false };
  }

  async #recordNamed(name: string): Promise<SessionRecord | undefined> {
    const reply = await this.#connection.run(SCRIPTS.get, this.#keys.sessionNamed(name), []);
    const { outcome, record } = answerOf<"ok" | "gone">(reply as readonly string[]);
    return outcome === "ok" ? record : undefined;
  }

  async #run<Outcome extends string>(
    script: Script,
    id: string,
    args: readonly (string | number)[],
  ): Promise<Answer<Outcome>> {
    return answerOf((await this.#connection.run(script, this.#keys.session(id), args)) as readonly string[]);
  }
}

function answerOf<Outcome extends string>([outcome, ...record]: readonly string[]): Answer<Outcome> {
  return { outcome: outcome as Outcome, record: recordOf(record) as SessionRecord };
}

/** Shapes:  fields: id, principal, node, fence, version, created, expires, shape, state */
function recordOf(fields: readonly string[]): SessionRecord | undefined {
  const [id, principal, nodeId, fence, version, createdAt, expiresAt, shape, state] = fields;
  if (id === undefined) return undefined;
  return {
    id: fromStored(id),
    principal: fromStored(principal as string),
    nodeId: fromStored(nodeId as string),
    fence: Number(fence),
    version: Number(version),
    createdAtMs: Number(createdAt),
    expiresAtMs: Number(expiresAt),
    shape: JSON.parse(shape as string),
    state: JSON.parse(state as string),
  };
}

function json(value: JsonObject): string {
  return JSON.stringify(value);
}
