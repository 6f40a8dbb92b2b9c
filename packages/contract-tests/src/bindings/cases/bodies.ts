import assert from "node:assert/strict";
import { Agent } from "node:http";
import { gzipSync } from "node:zlib";
import type { BindingCase } from "../binding-case.js";
import { rawRequest } from "../client/raw-socket.js";
import { assertRefused, CODES } from "../client/refusal.js";
import { initialize, ping } from "../client/session-client.js";

const MiB = 1024 * 1024;
const TOO_LARGE = { status: 413, code: CODES.refused };
const NOT_JSON = { status: 400, code: CODES.parse };

/** Bodies that nobody has read before the endpoint does. */
export const bodyCases: readonly BindingCase[] = [
  {
    name: "a body is read whole from pieces of a byte, characters cut in two included",
    async run(t) {
      const served = await t.serve();
      const session = await served.openSession();
      const body = { ...ping("ä€😀".repeat(100)) };
      const pieces = [...Buffer.from(JSON.stringify(body))].map((byte) => Uint8Array.of(byte));
      const answer = await (await session.request({ method: "POST", pieces })).untilOver();
      assert.deepEqual([answer.status, answer.messages[0]?.id], [200, body.id]);
    },
  },
  {
    name: "a body of several megabytes is read whole, with and without its length",
    async run(t) {
      const served = await t.serve();
      const session = await served.openSession();
      const body = JSON.stringify({ ...ping(1), params: { text: "あ".repeat(MiB) } });
      const bytes = Buffer.from(body);
      const pieces = Array.from({ length: 50 }, (_, n) =>
        bytes.subarray((n * bytes.length) / 50, ((n + 1) * bytes.length) / 50),
      );
      for (const request of [{ body }, { pieces }]) {
        const answer = await (await session.request({ method: "POST", ...request })).untilOver();
        assert.deepEqual([answer.status, answer.messages[0]?.result], [200, {}]);
      }
    },
  },
  {
    name: "G7 a body of exactly the limit is served, and one byte more gets 413",
    async run(t) {
      const text = JSON.stringify(initialize());
      const maxBodyBytes = text.length + 100;
      const served = await t.serve({ maxBodyBytes });
      const fitting = text.padEnd(maxBodyBytes);
      assert.equal((await served.request({ method: "POST", body: fitting })).status, 200);
      const body = `${fitting} `;
      await assertRefused(await served.open({ method: "POST", body }), TOO_LARGE, "announced");
      await assertRefused(await served.open({ method: "POST", pieces: [body] }), TOO_LARGE, "in pieces");
    },
  },
  ...[
    { how: "announced", requestOf: (body: Buffer) => ({ body }) },
    {
      how: "in pieces",
      requestOf: (body: Buffer) => ({
        pieces: Array.from({ length: 80 }, (_, n) => body.subarray(n * 65_536, (n + 1) * 65_536)),
      }),
    },
  ].map(
    ({ how, requestOf }): BindingCase => ({
      name: `G7 a body of 5 MB, ${how}, gets 413, and its client goes on`,
      async run(t) {
        const served = await t.serve();
        const agent = new Agent({ keepAlive: true, maxSockets: 1 });
        const body = Buffer.alloc(5 * MiB, " ");
        for (let n = 1; n <= 2; n += 1) {
          const refused = await served.open({ method: "POST", agent, ...requestOf(body) });
          await assertRefused(refused, TOO_LARGE);
          assert.equal((await served.request({ method: "POST", agent, body: initialize() })).status, 200);
        }
        agent.destroy();
      },
    }),
  ),
  {
    name: "G7 a body that is announced as too large gets 413 before it is sent",
    async run(t) {
      const served = await t.serve();
      const socket = await served.socket();
      socket.write(
        rawRequest("POST", { "content-type": "application/json", "content-length": String(100 * MiB) }),
      );
      const [answer] = await socket.answers("POST");
      assert.equal(answer?.status, 413);
      assert.equal(JSON.parse(answer.body).error.code, CODES.refused);
    },
  },
  {
    name: "a client that waits for 100 Continue is told to go on",
    async run(t) {
      const served = await t.serve();
      const socket = await served.socket();
      const text = JSON.stringify(ping(7));
      const headers = { "content-type": "application/json", "content-length": String(text.length) };
      socket.write(rawRequest("POST", { ...headers, expect: "100-continue" }));
      await socket.until("100 Continue", (bytes) => bytes.includes("HTTP/1.1 100"));
      socket.write(text);
      const [answer] = await socket.answers("POST");
      // There is no session.
      assert.deepEqual([answer?.status, JSON.parse(answer?.body ?? "").id], [400, 7]);
    },
  },
  {
    name: "a body that is no JSON gets 400",
    async run(t) {
      const served = await t.serve();
      for (const body of ["{", "not JSON", "{'a':1}", `${JSON.stringify(ping(1))}}`, " "]) {
        await assertRefused(await served.open({ method: "POST", body }), NOT_JSON, body);
      }
      await served.assertUsable();
    },
  },
  {
    name: "no body at all gets 400",
    async run(t) {
      const served = await t.serve();
      await assertRefused(await served.open({ method: "POST", body: "" }), NOT_JSON, "of no bytes");
      await assertRefused(await served.open({ method: "POST", pieces: [] }), NOT_JSON, "none");
    },
  },
  {
    name: "a body that is not UTF-8 gets 400",
    async run(t) {
      const served = await t.serve();
      const text = Buffer.from(JSON.stringify(ping("ä")));
      const latin1 = Buffer.from(JSON.stringify(ping("ä")), "latin1");
      const utf16 = Buffer.from(`\ufeff${JSON.stringify(ping(1))}`, "utf16le");
      for (const body of [latin1, utf16, text.subarray(0, text.indexOf(0xa4))]) {
        await assertRefused(await served.open({ method: "POST", body }), NOT_JSON);
      }
    },
  },
  {
    name: "a byte order mark is no part of the JSON",
    async run(t) {
      const served = await t.serve();
      const body = `\ufeff${JSON.stringify(initialize())}`;
      assert.equal((await served.request({ method: "POST", body })).status, 200);
    },
  },
  {
    name: "a compressed body gets a clear refusal",
    async run(t) {
      const served = await t.serve();
      const headers = { "content-encoding": "gzip" };
      const body = gzipSync(JSON.stringify(initialize()));
      const answer = await served.open({ method: "POST", headers, body });
      await answer.untilOver();
      const unsupported = answer.status === 415;
      await assertRefused(answer, unsupported ? { status: 415, code: CODES.refused } : NOT_JSON);
    },
  },
  {
    name: "JSON that is no JSON-RPC gets 400, however deep it is",
    async run(t) {
      const served = await t.serve();
      const deep = `${"[".repeat(200_000)}${"]".repeat(200_000)}`;
      const bodies = ["null", "42", '"text"', "[]", "{}", '{"jsonrpc":"1.0","id":1,"method":"ping"}', deep];
      for (const body of bodies) {
        const refusal = { status: 400, code: CODES.invalid };
        await assertRefused(await served.open({ method: "POST", body }), refusal, body.slice(0, 20));
      }
      await served.assertUsable();
    },
  },
  {
    name: "a batch is served on the revision that has batches",
    async run(t) {
      const served = await t.serve();
      const session = await served.openSession("2025-03-26");
      const answer = await (await session.post([ping(1), ping(2)])).untilOver();
      assert.deepEqual(answer.messages.map(({ id }) => id).toSorted(), [1, 2]);
    },
  },
];
