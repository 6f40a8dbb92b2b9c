import { describe, expect, it } from "vitest";
import { createMemoryBackend, createMemoryStore } from "../src/index.js";

const wrongOptions: readonly [options: object, message: RegExp][] = [
  [{ retension: {} }, /options\.retension: unknown option/],
  [{ retention: { maxEvent: 5 } }, /options\.retention\.maxEvent: unknown option/],
  [{ retention: { maxEvents: 0 } }, /options\.retention\.maxEvents: expected an integer >= 1/],
  [{ retention: { maxBytes: 1.5 } }, /options\.retention\.maxBytes: expected an integer >= 1/],
  [{ retention: { maxAgeMs: "1h" } }, /options\.retention\.maxAgeMs: expected an integer >= 1/],
  [
    { retention: { maxEndedStreams: Number.NaN } },
    /options\.retention\.maxEndedStreams: expected an integer/,
  ],
  [{ now: 5 }, /options\.now: expected a function that returns ms/],
  [{ a: 1, now: 5 }, /(options\.a.*options\.now)|(options\.now.*options\.a)/],
];

describe("options", () => {
  it.each(wrongOptions)("%j is a TypeError that names the path and what was expected", (options, message) => {
    for (const create of [createMemoryStore, createMemoryBackend]) {
      expect(() => create(options)).toThrow(TypeError);
      expect(() => create(options)).toThrow(message);
    }
  });

  it("a store takes only a real backend, and leaves retention and clock to it", () => {
    const backend = createMemoryBackend();
    const complaint = (options: object) => () => createMemoryStore(options);
    expect(complaint({ backend: {} })).toThrow(/options\.backend: expected what createMemoryBackend\(\) ret/);
    expect(complaint({ backend, retention: {} })).toThrow(/options\.retention: expected on createMemoryBac/);
    expect(complaint({ backend, now: Date.now })).toThrow(/options\.now: expected on createMemoryBackend/);
    expect(() => createMemoryBackend({ backend } as object)).toThrow(/options\.backend: unknown option/);
  });

  it("what is left out keeps its default", async () => {
    const defaults = { maxEvents: 10_000, maxBytes: 16_777_216, maxAgeMs: 3_600_000, maxEndedStreams: 1_000 };
    expect(createMemoryBackend().retention).toEqual(defaults);
    expect(createMemoryBackend({ retention: { maxEvents: 5 } }).retention).toEqual({
      ...defaults,
      maxEvents: 5,
    });
    const before = Date.now();
    expect(createMemoryBackend().now()).toBeGreaterThanOrEqual(before);
  });

  it("a store on its own shares nothing; one on a backend does; none is durable", () => {
    expect(createMemoryStore().capabilities).toEqual({ durable: false, shared: false });
    const backend = createMemoryBackend();
    expect(createMemoryStore({ backend }).capabilities).toEqual({ durable: false, shared: true });
  });
});
