import assert from "node:assert/strict";
import type { Store } from "@durable-mcp/contract";
import type { BindingCase } from "../binding-case.js";

const MiB = 1024 * 1024;
const COUNT = 1_400;
const TEXT = "x".repeat(10_000);

/** Clients that read slowly, or not at all. */
export const slowClientCases: readonly BindingCase[] = [
  {
    name: "G7 a client that does not read costs a bounded number of bytes, and reads the rest later, in order",
    async run(t) {
      const { store, read } = countReads(t.store);
      const served = await t.serve({ store });
      const session = await served.openSession();
      const answer = await session.call(1, { unread: true });
      const call = await served.call(1);
      let mostBytes = 0;
      for (let n = 1; n <= COUNT; n += 1) {
        await call.notify(`${n} ${TEXT}`);
        mostBytes = Math.max(mostBytes, served.stats.bufferedBytes);
      }
      call.finish("done");
      await served.until({ calls: 0 });
      assert.ok(mostBytes < MiB, `${mostBytes} bytes were buffered`);
      const readBefore = read.bytes;
      await answer.read().untilOver();
      const numbers = answer.said.map((text) => text.split(" ", 1)[0]);
      assert.deepEqual(numbers, [...Array.from({ length: COUNT }, (_, index) => String(index + 1)), "done"]);
      // Whatever the binding says of itself: what had to wait was kept by the store, not by the process.
      const readLater = read.bytes - readBefore;
      assert.ok(readLater > MiB, `${readLater} bytes were read from the store when the client went on`);
    },
  },
  {
    name: "G7 a client that does not read and goes away leaves nothing behind",
    async run(t) {
      const served = await t.serve();
      const session = await served.openSession();
      const answer = await session.call(1, { unread: true });
      const call = await served.call(1);
      for (let n = 1; n <= COUNT / 2; n += 1) await call.notify(`${n} ${TEXT}`);
      answer.cut();
      await served.until({ connections: 0, bufferedBytes: 0 });
    },
  },
];

/** The same store, which counts what is read from streams. */
function countReads(intact: Store): { readonly store: Store; readonly read: { bytes: number } } {
  const read = { bytes: 0 };
  const log: Store["log"] = {
    ...intact.log,
    read: async (...args) => {
      const result = await intact.log.read(...args);
      if (result.outcome === "page") for (const { payload } of result.events) read.bytes += payload.length;
      return result;
    },
  };
  return { store: { ...intact, log }, read };
}
