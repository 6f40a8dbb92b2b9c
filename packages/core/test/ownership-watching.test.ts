import { createMemoryBackend, createMemoryStore } from "@durable-mcp/store-memory";
import { describe, expect, it } from "vitest";
import { coalesced } from "../src/coalesced.js";
import { StreamWatch } from "../src/stream-watch.js";
import { soon } from "./support/soon.js";

const turn = () => new Promise((resolve) => setImmediate(resolve));

describe("coalesced", () => {
  /** Steps that end when the test says so. */
  function steps() {
    const ends: { readonly done: () => void; readonly fail: (error: unknown) => void }[] = [];
    const failures: unknown[] = [];
    const ask = coalesced(
      () => new Promise<void>((done, fail) => ends.push({ done, fail })),
      (error) => failures.push(error),
    );
    return { ends, failures, ask };
  }

  it("runs one step at a time, and once more if it was asked for meanwhile, however often", async () => {
    const { ends, ask } = steps();
    ask();
    expect(ends).toHaveLength(1);
    for (let n = 0; n < 5; n += 1) ask();
    await turn();
    expect(ends).toHaveLength(1);
    ends[0]?.done();
    await turn();
    expect(ends).toHaveLength(2);
    ends[1]?.done();
    await turn();
    expect(ends).toHaveLength(2);
    ask();
    expect(ends).toHaveLength(3);
  });

  it("goes on after a step that failed, and says so", async () => {
    const { ends, failures, ask } = steps();
    ask();
    ask();
    ends[0]?.fail("no");
    await turn();
    expect([failures, ends.length]).toEqual([["no"], 2]);
    ends[1]?.fail("nor now");
    await turn();
    ask();
    expect([failures, ends.length]).toEqual([["no", "nor now"], 3]);
  });

  it("takes a step that asks for itself for one that is to be run again", async () => {
    let runs = 0;
    const ask = coalesced(
      async () => {
        runs += 1;
        if (runs < 4) ask();
      },
      () => {},
    );
    ask();
    await turn();
    expect(runs).toBe(4);
  });
});

describe("StreamWatch", () => {
  const KEY = { sessionId: "s", streamId: "t" };

  async function watched() {
    const backend = createMemoryBackend();
    const { log, sessions } = createMemoryStore({ backend });
    const session = { id: "s", principal: "", nodeId: "n", shape: {}, state: {} };
    await sessions.create(session, { ttlMs: 60_000, maxPerPrincipal: 9, maxTotal: 9 });
    const watch = new StreamWatch();
    await watch.start(log, KEY);
    const append = async () => {
      await log.append(KEY, [{ kind: "message", payload: "x" }]);
      await turn();
    };
    const counter = () => {
      const listener = () => {
        counted.count += 1;
      };
      const counted = { count: 0, listener };
      return counted;
    };
    return { backend, watch, append, counter };
  }

  it("hands over what nobody heard, once, whoever listens next", async () => {
    const { watch, append, counter } = await watched();
    const [one, two, three] = [counter(), counter(), counter()];
    await append();
    await append();
    watch.listen(one.listener);
    expect(one.count).toBe(1);
    await append();
    expect(one.count).toBe(2);
    watch.pause();
    await append();
    expect(one.count).toBe(2);
    watch.listen(two.listener);
    expect([one.count, two.count]).toEqual([2, 1]);
    watch.pause();
    watch.listen(three.listener);
    expect(three.count).toBe(0);
    await append();
    expect([one.count, two.count, three.count]).toEqual([2, 1, 1]);
  });

  it("hears of what its user says may have happened", async () => {
    const { watch, counter } = await watched();
    const one = counter();
    watch.wake();
    watch.listen(one.listener);
    watch.wake();
    expect(one.count).toBe(2);
  });

  it("stopped, wakes nobody any more and is gone from the store", async () => {
    const { backend, watch, append, counter } = await watched();
    const one = counter();
    watch.listen(one.listener);
    watch.stop();
    await soon(() => expect(backend.usage().watchers).toBe(0));
    await append();
    watch.wake();
    expect(one.count).toBe(0);
  });
});
