import assert from "node:assert/strict";
import fc from "fast-check";
import {
  ALL,
  append,
  createSession,
  final,
  keyOf,
  message,
  numbered,
  offsetsOf,
  payloads,
  readPage,
} from "../fixtures.js";
import type { StoreCase } from "../store-case.js";

const ODD_PAYLOADS: readonly string[] = [
  '{"jsonrpc":"2.0","id":1,"result":{}}',
  "",
  " ",
  " leading and trailing ",
  "line\nbreaks\r\nof\rall kinds\n",
  "line separators \u2028 and \u2029",
  "tab\tand bell\u0007",
  "a byte order mark: \ufeff",
  "\ufefffirst",
  "é composed, e\u0301 decomposed",
  "日本語 עברית العربية",
  "😀👩‍👩‍👧‍👦🇩🇪",
  "\u{10FFFF} and \uFFFD",
  "'; DROP TABLE events; --",
  "\\u0000 \\n %s $x {0}",
  "data: x\n\nid: 5\n\n",
  '"quoted"',
];

export const readingCases: readonly StoreCase[] = [
  {
    name: "G1 payloads come back byte for byte",
    async run({ store }) {
      const key = keyOf(await createSession(store));
      await append(store, key, ODD_PAYLOADS);
      assert.deepEqual(await payloads(store, key), ODD_PAYLOADS);
    },
  },
  {
    name: "G1 payloads of any Unicode text come back byte for byte",
    async run({ store }) {
      const session = await createSession(store);
      let number = 0;
      const texts = fc.array(fc.string({ unit: "binary" }), { minLength: 1, maxLength: 10 });
      await fc.assert(
        fc.asyncProperty(texts, async (written) => {
          number += 1;
          const key = keyOf(session, `stream-${number}`);
          await append(store, key, written);
          assert.deepEqual(await payloads(store, key), written);
        }),
        { numRuns: 50 },
      );
    },
  },
  {
    name: "G1 a payload of 1 MiB comes back byte for byte",
    async run({ store }) {
      const key = keyOf(await createSession(store));
      const large = "0123456789é😀\n\u2028".repeat(60_000).slice(0, 1024 * 1024);
      await append(store, key, ["before", large, "after"]);
      const [before, read, after] = await payloads(store, key);
      assert.deepEqual([before, after], ["before", "after"]);
      assert.ok(read === large, "the large payload differs");
    },
  },
  {
    name: "G1 an event comes back with its kind, its fence and whether it is final",
    async run({ store }) {
      const key = keyOf(await createSession(store));
      await append(store, key, [message("m"), { kind: "control", payload: "c" }, final("f")], { fence: 1 });
      await append(store, key, [
        { kind: "control", payload: "cf", final: true },
        { ...message("n"), final: false },
      ]);
      assert.deepEqual((await readPage(store, key)).events, [
        { offset: 1, fence: 1, kind: "message", payload: "m", final: false },
        { offset: 2, fence: 1, kind: "control", payload: "c", final: false },
        { offset: 3, fence: 1, kind: "message", payload: "f", final: true },
        { offset: 4, fence: 0, kind: "control", payload: "cf", final: true },
        { offset: 5, fence: 0, kind: "message", payload: "n", final: false },
      ]);
    },
  },
  {
    name: "G7 a page keeps to the limit of events",
    async run({ store }) {
      const key = keyOf(await createSession(store));
      await append(store, key, numbered("", 10));
      for (const [after, events, offsets] of [
        [0, 1, [1]],
        [0, 3, [1, 2, 3]],
        [8, 3, [9, 10]],
        [4, 6, [5, 6, 7, 8, 9, 10]],
      ] as const) {
        assert.deepEqual(offsetsOf((await readPage(store, key, after, { ...ALL, events })).events), offsets);
      }
    },
  },
  {
    name: "G7 a page keeps to the limit of UTF-8 bytes, but never returns nothing",
    async run({ store }) {
      const key = keyOf(await createSession(store));
      // In UTF-8 bytes: 4, 4, 6, 12, 1, 0, 0.
      await append(store, key, ["abcd", "éé", "日本", "😀😀😀", "x", "", ""]);
      for (const [after, bytes, offsets] of [
        [0, 1, [1]],
        [0, 7, [1]],
        [0, 8, [1, 2]],
        [0, 13, [1, 2]],
        [0, 14, [1, 2, 3]],
        [1, 9, [2]],
        [1, 10, [2, 3]],
        [2, 17, [3]],
        [2, 18, [3, 4]],
        [3, 1, [4]],
        [3, 12, [4]],
        [4, 1, [5, 6, 7]],
      ] as const) {
        const page = await readPage(store, key, after, { ...ALL, bytes });
        assert.deepEqual(offsetsOf(page.events), offsets, `after ${after}, ${bytes} bytes`);
      }
    },
  },
  {
    name: "G1 only the page that reaches the end of an ended stream says so",
    async run({ store }) {
      const key = keyOf(await createSession(store));
      await append(store, key, ["a", "b", "c"]);
      assert.equal((await readPage(store, key)).ended, false, "the stream is open");
      assert.deepEqual(await readPage(store, key, 3), { outcome: "page", events: [], ended: false });
      await append(store, key, ["d"], { end: true });
      assert.equal((await readPage(store, key, 0, { ...ALL, events: 3 })).ended, false, "d follows");
      assert.equal((await readPage(store, key, 0, { ...ALL, bytes: 3 })).ended, false, "d follows");
      assert.equal((await readPage(store, key, 0, { ...ALL, events: 4 })).ended, true);
      assert.equal((await readPage(store, key, 3)).ended, true);
      assert.deepEqual(await readPage(store, key, 4), { outcome: "page", events: [], ended: true });
    },
  },
  {
    name: "G1 G7 delivery never deletes",
    async run(t) {
      const key = keyOf(await createSession(t.store));
      await append(t.store, key, ["a", "b", final("c")], { end: true });
      const first = await readPage(t.store, key);
      await t.store.log.read(key, 1, { events: 1, bytes: 1 });
      await t.store.sessions.sweep(100);
      assert.deepEqual(await readPage(t.store, key), first);
      assert.deepEqual(await readPage(await t.another(), key), first);
    },
  },
];
