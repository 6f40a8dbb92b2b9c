import assert from "node:assert/strict";
import { DurableMcpError, type Store } from "@durable-mcp/contract";
import type { BindingCase } from "../binding-case.js";
import type { ServedOptions } from "../binding-harness.js";
import { assertRefused, CODES } from "../client/refusal.js";
import { initialize } from "../client/session-client.js";
import type { ServerLike } from "../server-object.js";

const SECRET = "password=hunter2";

const BAD_FACTORIES: Readonly<Record<string, ServedOptions["createServer"]>> = {
  throws: () => {
    throw new Error(SECRET);
  },
  rejects: () => Promise.reject(new Error(SECRET)),
  "throws what is no error": () => {
    throw { message: SECRET };
  },
  "returns nothing": () => undefined as unknown as ServerLike,
  "returns no server": () => ({ [SECRET]: true }) as unknown as ServerLike,
};

/** Faults of the application and of the store. */
export const faultCases: readonly BindingCase[] = [
  ...Object.entries(BAD_FACTORIES).map(
    ([fault, createServer]): BindingCase => ({
      name: `a createServer that ${fault} gets 500, and tells the client nothing`,
      async run(t) {
        const served = await t.serve({ createServer });
        for (const id of ["first", "second"]) {
          const answer = await served.open({ method: "POST", body: initialize(id) });
          await assertRefused(answer, { status: 500, code: CODES.internal, id });
          const told = JSON.stringify([answer.text, answer.headerNames.map((name) => answer.header(name))]);
          assert.ok(!told.includes(SECRET) && !told.includes(".js:"), told);
        }
        assert.ok(served.complaints.length > 0, "the log says more");
      },
    }),
  ),
  {
    name: "a principal that throws gets 500, and tells the client nothing",
    async run(t) {
      const principal = () => {
        throw new Error(SECRET);
      };
      const served = await t.serve({ principal });
      const answer = await served.open({ method: "POST", body: initialize() });
      await assertRefused(answer, { status: 500, code: CODES.internal });
      assert.ok(!answer.text.includes(SECRET));
    },
  },
  {
    name: "G8 with the store down a request gets 503 with Retry-After, and is served when it is back",
    async run(t) {
      const outage = { now: false };
      const served = await t.serve({ store: failing(t.store, outage) });
      outage.now = true;
      const answer = await served.open({ method: "POST", body: initialize() });
      await assertRefused(answer, { status: 503, code: -31011, id: "init" });
      assert.match(answer.header("retry-after") ?? "", /^\d+$/);
      assert.ok(!answer.text.includes(SECRET));
      outage.now = false;
      await served.assertUsable();
    },
  },
];

/** The same store, whose sessions cannot be reached during the outage. */
function failing(store: Store, outage: { readonly now: boolean }): Store {
  const create: Store["sessions"]["create"] = async (...args) => {
    if (outage.now) throw new DurableMcpError("STORE_UNAVAILABLE", SECRET);
    return store.sessions.create(...args);
  };
  return { ...store, sessions: { ...store.sessions, create } };
}
