import { gzipSync } from "node:zlib";
import { waitFor } from "../../support/wait-for.js";
import { answerTo, answerToBytes, initialize, ping, toolCall } from "../ask.js";
import type { ServedTransport } from "../served-transport.js";
import type { Difference } from "./difference.js";

const post = (headers: Readonly<Record<string, string>>, body: unknown) => ({
  method: "POST",
  headers,
  body,
});

/** How a POST in a session of a revision is answered. */
const inSession = (
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
  revision = "2025-11-25",
) => {
  return async (served: ServedTransport) => {
    const client = await served.open(revision);
    return answerTo(served.url, post({ ...client.headers, ...headers }, body));
  };
};

const notification = { jsonrpc: "2.0", method: "notifications/message", params: {} };

/** What a POST is answered with. */
export const DIFFERENCES_OF_ANSWERS: readonly Difference[] = [
  {
    when: "a body that is JSON, but no JSON-RPC message",
    observe: inSession({ foo: 1 }),
    sdk: "400 -32700 id=null",
    ours: "400 -32600 id=null",
    restoredBy: { invalidMessages: "parse-error" },
  },
  {
    when: "a batch on 2025-06-18 or later",
    observe: inSession([ping(1), ping(2)]),
    sdk: "stream",
    ours: "400 -32600 id=null",
    restoredBy: { batches: "always" },
  },
  {
    when: "initialize in a batch of its own on 2025-06-18 or later",
    observe: ({ url }) => answerTo(url, post({}, [initialize()])),
    sdk: "stream",
    ours: "400 -32600 id=init",
    restoredBy: { batches: "always" },
  },
  {
    when: "an empty batch",
    observe: inSession([], {}, "2025-03-26"),
    sdk: "202",
    ours: "400 -32600 id=null",
  },
  {
    when: "a batch that uses an id twice",
    observe: inSession([ping(1), ping(1)], {}, "2025-03-26"),
    sdk: "stream",
    ours: "400 -32600 id=null",
  },
  {
    when: "a refused request whose id is known",
    observe: inSession(ping(7), { "mcp-session-id": "other" }),
    sdk: "404 -32001 id=null",
    ours: "404 -32001 id=7",
  },
  {
    when: "a body that is not UTF-8",
    observe: async (served) => {
      const { headers } = await served.open();
      const [before = "", after = ""] = JSON.stringify({ ...notification, params: { text: "?" } }).split("?");
      const bytes = Buffer.concat([Buffer.from(before), Buffer.from([0xff]), Buffer.from(after)]);
      return answerToBytes(served.url, headers, new Uint8Array(bytes));
    },
    sdk: "202",
    ours: "400 -32700 id=null",
  },
  {
    when: "a compressed body",
    observe: async (served) => {
      const { headers } = await served.open();
      const packed = new Uint8Array(gzipSync(JSON.stringify(ping(1))));
      return answerToBytes(served.url, { ...headers, "content-encoding": "gzip" }, packed);
    },
    sdk: "400 -32700 id=null",
    ours: "415 -32000 id=null",
  },
  {
    when: "Accept: */*",
    observe: inSession(ping(1), { accept: "*/*" }),
    sdk: "406 -32000 id=null",
    ours: "stream",
  },
  {
    when: "a request id of more than 1,024 characters",
    observe: inSession(ping("x".repeat(1_025))),
    sdk: "stream",
    ours: "400 -32600 id=null",
  },
  {
    when: "another request under an id that is in flight",
    observe: async (served) => {
      const client = await served.open();
      await client.post(toolCall(1));
      await served.commanded.call(1);
      return answerTo(served.url, post(client.headers, ping(1)));
    },
    sdk: "stream",
    ours: "400 -32600 id=1",
  },
  {
    when: "a request that is sent again while it is in flight",
    observe: async (served) => {
      const client = await served.open();
      const answers = [await client.post(toolCall(1)), await client.post(toolCall(1))];
      await (await client.post(ping(2))).untilOver();
      for (const call of served.commanded.calls) call.finish("done");
      await waitFor("an answer", () => answers.some(({ messages }) => messages.length > 0));
      return `dispatched ${served.commanded.calls.length} times`;
    },
    sdk: "dispatched 2 times",
    ours: "dispatched 1 times",
  },
  {
    when: "the 1,001st request in flight of a session",
    observe: async (served) => {
      const client = await served.open("2025-03-26");
      for (let batch = 0; batch < 10; batch += 1) {
        await client.call(...Array.from({ length: 100 }, (_, n) => `${batch}/${n}`));
      }
      return answerTo(served.url, post(client.headers, ping("one more")));
    },
    sdk: "stream",
    ours: "429 -31014 id=one more",
  },
  {
    when: "a batch of one with enableJsonResponse",
    options: () => ({ enableJsonResponse: true }),
    observe: async (served) => {
      await answerTo(served.url, post({}, initialize("2025-03-26")));
      return answerTo(served.url, post({ "mcp-session-id": served.transport.sessionId ?? "" }, [ping(1)]));
    },
    sdk: "200 object",
    ours: "200 array",
  },
];
