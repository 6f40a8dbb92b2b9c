import { DurableMcpError, type Nodes } from "@durable-mcp/contract";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { NodeLife } from "../src/node-life.js";

const EXPIRY_MS = 1_000;
const BEAT_MS = 200;

beforeEach(async () => {
  vi.useFakeTimers({ toFake: ["setInterval", "clearInterval", "setTimeout", "clearTimeout", "performance"] });
  await pass(5_000);
});
afterEach(() => vi.useRealTimers());

/** The heartbeats of one node, and what it is told of others. */
function newLife(nodeId?: string) {
  const beats: (readonly [string, number])[] = [];
  const state = { down: false, hangs: false, alive: new Set<string>(), asked: [] as string[], lapses: 0 };
  const waiting: (() => void)[] = [];
  const whileItHangs = async () => {
    if (state.hangs) await new Promise<void>((resolve) => waiting.push(resolve));
  };
  const nodes: Nodes = {
    heartbeat: async (id, ttlMs) => {
      await whileItHangs();
      if (state.down) throw new DurableMcpError("STORE_UNAVAILABLE", "down");
      beats.push([id, ttlMs]);
    },
    isAlive: async (id) => {
      state.asked.push(id);
      await whileItHangs();
      return state.alive.has(id);
    },
  };
  const life = new NodeLife({ store: { nodes } as never, nodeId, heartbeatTtlMs: EXPIRY_MS }, () => {
    state.lapses += 1;
  });
  const goOn = () => {
    state.hangs = false;
    for (const resolve of waiting.splice(0)) resolve();
  };
  return { life, beats, state, goOn };
}

const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);

describe("G6: the life of a node", () => {
  it("has a name of its own in each process, and says nothing before it has something to say", async () => {
    const [one, two] = [newLife("a"), newLife("a")];
    expect(one.life.id).toMatch(/^a:/);
    expect(one.life.id).not.toBe(two.life.id);
    expect(newLife().life.id).not.toBe(newLife().life.id);
    await pass(EXPIRY_MS);
    expect([one.beats, one.life.isSure]).toEqual([[], false]);
  });

  it("beats at once and then several times within the expiry, however often it is joined; until it leaves", async () => {
    const { life, beats, state } = newLife("a");
    await Promise.all([life.join(), life.join()]);
    await life.join();
    expect(beats).toEqual([[life.id, EXPIRY_MS]]);
    await pass(EXPIRY_MS);
    expect(beats).toHaveLength(1 + EXPIRY_MS / BEAT_MS);
    expect([life.isSure, state.lapses]).toEqual([true, 0]);
    life.leave();
    await pass(EXPIRY_MS - 1);
    expect(beats).toHaveLength(1 + EXPIRY_MS / BEAT_MS);
    await pass(1);
    expect(life.isSure).toBe(false);
  });

  it("cannot be joined while the store is down, and can as soon as it is back", async () => {
    const { life, state } = newLife();
    state.down = true;
    await expect(life.join()).rejects.toMatchObject({ code: "STORE_UNAVAILABLE" });
    expect(life.isSure).toBe(false);
    state.down = false;
    await life.join();
    expect([life.isSure, state.lapses], "it was never taken for alive before").toEqual([true, 0]);
  });

  it("is unsure of itself from the expiry on, and says so when it is back", async () => {
    const { life, state } = newLife();
    await life.join();
    state.down = true;
    await pass(EXPIRY_MS - 1);
    expect(life.isSure).toBe(true);
    await pass(1);
    expect([life.isSure, state.lapses]).toEqual([false, 0]);
    state.down = false;
    await pass(BEAT_MS);
    expect([life.isSure, state.lapses]).toEqual([true, 1]);
    await pass(EXPIRY_MS);
    expect(state.lapses).toBe(1);
  });

  it("counts a heartbeat from when it was sent, not from when it arrived", async () => {
    const { life, state, goOn } = newLife();
    await life.join();
    state.hangs = true;
    await pass(EXPIRY_MS + BEAT_MS / 2);
    goOn();
    await pass(0);
    expect(life.isSure).toBe(true);
    await pass(BEAT_MS);
    expect([life.isSure, state.lapses], "in between, others may have taken it for dead").toEqual([true, 1]);
  });

  it.each([0, 1])("a short outage of the store is no lapse", async (offsetMs) => {
    const { life, state } = newLife();
    await life.join();
    state.down = true;
    await pass(2 * BEAT_MS + offsetMs);
    state.down = false;
    await pass(EXPIRY_MS);
    expect([life.isSure, state.lapses]).toEqual([true, 0]);
  });
});

describe("G6: another node is dead", () => {
  it("when the store says so", async () => {
    const { life, state } = newLife("a");
    await life.join();
    state.alive.add("b:1");
    expect([await life.isDead("b:1"), await life.isDead("c:1")]).toEqual([false, true]);
  });

  it("at once if it had this one's name; a name that only begins or ends like it is another's", async () => {
    const { life, state } = newLife("a:b");
    await life.join();
    for (const id of ["a:b:1", "a:1", "b:1", "a:b:c:1", "a:b", "x:a:b:1", life.id]) state.alive.add(id);
    expect(await life.isDead("a:b:1")).toBe(true);
    expect(state.asked).toEqual([]);
    for (const id of ["a:1", "b:1", "a:b:c:1", "a:b", "x:a:b:1", life.id])
      expect(await life.isDead(id), id).toBe(false);
  });

  it("not while the others may still be on their way back from an outage of the store", async () => {
    const { life, state } = newLife();
    await life.join();
    state.down = true;
    await pass(EXPIRY_MS);
    state.down = false;
    await pass(BEAT_MS);
    expect([life.isSure, await life.isDead("b:1"), state.asked]).toEqual([true, false, []]);
    await pass(2 * BEAT_MS - 1);
    expect(await life.isDead("b:1")).toBe(false);
    await pass(1);
    expect(await life.isDead("b:1")).toBe(true);
  });

  it("not before it has heard that the store is back", async () => {
    const { life, state } = newLife();
    await life.join();
    state.down = true;
    await pass(EXPIRY_MS + BEAT_MS);
    // Others may have had no chance to say that they live.
    expect([await life.isDead("b:1"), state.asked]).toEqual([false, []]);
  });

  it("nor after a store that answered nothing for so long", async () => {
    const { life, state, goOn } = newLife();
    await life.join();
    state.hangs = true;
    const asked = life.isDead("b:1");
    await pass(EXPIRY_MS + BEAT_MS);
    goOn();
    await pass(0);
    expect([await asked, await life.isDead("b:1")]).toEqual([false, false]);
    await pass(4 * BEAT_MS);
    expect(await life.isDead("b:1")).toBe(true);
  });
});
