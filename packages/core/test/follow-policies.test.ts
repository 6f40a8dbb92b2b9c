import type { RequestId } from "@durable-mcp/contract";
import { describe, expect, it } from "vitest";
import { getPolicy, PostPolicy, type RequestFates } from "../src/follow-policies.js";
import type { SessionShape } from "../src/session-shape.js";
import { ControlledStore } from "./support/controlled-store.js";

const key = { sessionId: "s", streamId: "p.n.1%2C2" };
const fence = 1;

/** A stream whose events have the given ages: "r1" is the response to request 1, anything else a notification. */
async function aged(
  events: readonly (readonly [atMs: number, what: string])[],
  nowMs: number,
  maxEvents = 100,
) {
  let clock = 0;
  const { inner } = new ControlledStore({ retention: { maxEvents, maxAgeMs: 1_000 }, now: () => clock });
  const session = { id: key.sessionId, principal: "", nodeId: "n", shape: {}, state: {} };
  await inner.sessions.create(session, { ttlMs: 60_000, maxPerPrincipal: 1, maxTotal: 1 });
  for (const [atMs, what] of events) {
    clock = atMs;
    const id = what.startsWith("r") ? Number(what.slice(1)) : undefined;
    const payload = JSON.stringify(id === undefined ? { what } : { id, result: {} });
    await inner.log.append(key, [{ kind: "message", payload, final: id !== undefined }], { fence });
  }
  clock = nowMs;
  return inner.log;
}

/** What has become of the requests of those ids. */
function fates({ answered = [] as RequestId[], cancelled = [] as RequestId[] } = {}): RequestFates {
  return {
    isAnswered: (id) => answered.includes(id),
    wasCancelled: (id) => cancelled.includes(id),
    hasBegun: () => false,
  };
}

const said = (frames: readonly string[]) => frames.map((frame) => /data: (.*)/.exec(frame)?.[1]);

describe("G2: PostPolicy", () => {
  it("a response that is kept comes before what is kept without holes, and no id is lost", async () => {
    const log = await aged(
      [
        [0, "a"],
        [0, "r1"],
        [0, "b"],
        [0, "c"],
        [0, "d"],
        [0, "r2"],
      ],
      0,
      3,
    );
    const policy = new PostPolicy(log, key, [1, 2], fates());
    expect(await log.read(key, 0, { events: 9, bytes: 999 })).toEqual({ outcome: "gap", oldest: 5 });
    const gap = await policy.gap(0, 5);
    expect([said(gap.frames), gap.cursor]).toEqual([['{"id":1,"result":{}}'], 4]);
    expect(gap.frames[0]).toMatch(/^event: message\nid: p\.n\.1%2C2\.2\.1\n/);
    expect(policy.end()).toEqual([]);
    expect((await policy.gap(2, 5)).frames).toEqual([]);
  });

  it("an id whose response is past its age gets an error at the terminal cursor", async () => {
    const log = await aged(
      [
        [0, "r1"],
        [0, "a"],
        [900, "b"],
        [900, "r2"],
      ],
      1_500,
    );
    const policy = new PostPolicy(log, key, [1, 2], fates());
    expect((await policy.gap(0, 3)).frames).toEqual([]);
    const [error, ...more] = policy.end();
    expect(error).toMatch(
      /^event: message\nid: p\.n\.1%2C2\.end\.0\ndata: \{"jsonrpc":"2.0","id":1,"error":\{"code":-31010/,
    );
    expect(more).toEqual([]);
  });

  it("an id that is in flight is not given up", async () => {
    const log = await aged(
      [
        [0, "a"],
        [900, "b"],
      ],
      1_500,
    );
    const policy = new PostPolicy(log, key, [1, 2], fates({ answered: [2] }));
    await policy.gap(0, 2);
    expect(policy.end()).toHaveLength(1);
  });

  it("an id that was cancelled gets no error", async () => {
    const log = await aged(
      [
        [0, "a"],
        [900, "b"],
      ],
      1_500,
    );
    const policy = new PostPolicy(log, key, [1, 2], fates({ cancelled: [2] }));
    await policy.gap(0, 2);
    expect(said(policy.end())).toEqual([expect.stringContaining('"id":1,')]);
  });

  it("an unknown stream is waited for while one of its ids is in flight or its cancellation is stored, else concluded", () => {
    const { inner } = new ControlledStore();
    expect(new PostPolicy(inner.log, key, [1, 2], fates({ answered: [2] })).unknown()).toBeUndefined();
    expect(new PostPolicy(inner.log, key, [1, 2], fates()).unknown()).toHaveLength(2);
    expect(new PostPolicy(inner.log, key, [1, 2], fates({ cancelled: [1] })).unknown()).toHaveLength(1);
    expect(new PostPolicy(inner.log, key, [1, 2], fates({ cancelled: [1, 2] })).unknown()).toBeUndefined();
  });
});

describe("G2: getPolicy", () => {
  const shape = (capabilities?: Record<string, object>): SessionShape => ({
    initialize: {},
    ...(capabilities && { initializeResult: { capabilities } as SessionShape["initialize"] }),
    initialized: true,
    subscriptions: ["test://a", "test://b"],
    asked: [],
    delivered: 0,
    query: {},
    headers: {},
  });

  it.each([
    [{ tools: {}, prompts: {}, resources: {}, logging: {} }, ["tools", "prompts", "resources"]],
    [{ prompts: {} }, ["prompts"]],
    [undefined, []],
  ])(
    "a gap is reported for each list of %j and each subscription, then comes the position",
    async (capabilities, lists) => {
      const policy = getPolicy(
        "g",
        { shape: shape(capabilities), primes: true, refresh: async () => {} },
        3_000,
      );
      const { frames, cursor } = await policy.gap(2, 8);
      expect(cursor).toBe(7);
      expect(frames.at(-1)).toBe("id: g.7.0\nretry: 3000\ndata: \n\n");
      const notices = frames.slice(0, -1);
      expect(notices.join("")).not.toContain("id: ");
      expect(said(notices).map((text) => JSON.parse(text ?? "").method)).toEqual([
        ...lists.map((list) => `notifications/${list}/list_changed`),
        "notifications/resources/updated",
        "notifications/resources/updated",
      ]);
    },
  );

  it("older revisions get no position, since they cannot parse its empty data", async () => {
    const policy = getPolicy("g", { shape: shape({}), primes: false, refresh: async () => {} }, 3_000);
    expect((await policy.gap(2, 8)).frames.join("")).not.toContain("id: ");
  });
});
