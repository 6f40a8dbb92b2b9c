import { SseFollower } from "../../support/sse-follower.js";
import { waitFor } from "../../support/wait-for.js";
import { answerTo, initialize, ping } from "../ask.js";
import { ServedTransport } from "../served-transport.js";
import type { TransportClass } from "../transport-classes.js";
import type { Difference } from "./difference.js";

const opening = (headers: Readonly<Record<string, string>> = {}, more = {}) => {
  const { params, ...request } = initialize();
  return { method: "POST", headers, body: { ...request, params: { ...params, ...more } } };
};
const answerToInitialize = ({ url }: ServedTransport) => answerTo(url, opening());
const fail = () => {
  throw new Error("the application's fault");
};

/** How sessions begin, live and end. */
export const DIFFERENCES_OF_SESSIONS: readonly Difference[] = [
  {
    when: "onsessioninitialized throws",
    options: () => ({ onsessioninitialized: fail }),
    observe: answerToInitialize,
    sdk: "400 -32700 id=null",
    ours: "500 -32603 id=init",
  },
  {
    when: "initialize comes again after onsessioninitialized has thrown",
    options: () => {
      let calls = 0;
      return { onsessioninitialized: () => void (++calls === 1 && fail()) };
    },
    observe: async (served) => {
      await answerToInitialize(served);
      return answerToInitialize(served);
    },
    sdk: "400 -32600 id=null",
    ours: "stream",
  },
  {
    when: "no server object is connected",
    serving: { connect: false },
    observe: answerToInitialize,
    sdk: "stream",
    ours: "500 -32603 id=init",
  },
  {
    when: "sessionIdGenerator returns an empty id",
    options: () => ({ sessionIdGenerator: () => "" }),
    observe: answerToInitialize,
    sdk: "stream",
    ours: "500 -32603 id=init",
  },
  {
    when: "sessionIdGenerator returns an id that another transport of the process has",
    options: () => ({ sessionIdGenerator: () => "taken" }),
    observe: async (served) => {
      await served.open();
      const Transport = served.transport.constructor as TransportClass;
      const other = await ServedTransport.start(Transport, { sessionIdGenerator: () => "taken" });
      const answer = await answerToInitialize(other);
      await other.stop();
      return answer;
    },
    sdk: "stream",
    ours: "500 -32603 id=init",
  },
  {
    when: "initialize brings more than 256 KiB to keep",
    observe: ({ url }) =>
      answerTo(url, opening({}, { capabilities: { experimental: { a: { b: "x".repeat(256 * 1024) } } } })),
    sdk: "stream",
    ours: "413 -31015 id=init",
  },
  {
    when: "the server object answers initialize with an error",
    observe: async (served) => {
      const refuse = served.transport.onmessage;
      served.transport.onmessage = (message, extra) => {
        if (!("method" in message && message.method === "initialize")) return refuse?.(message, extra);
        void served.transport.send({ jsonrpc: "2.0", id: "init", error: { code: -32602, message: "no" } });
      };
      const answer = await SseFollower.open(served.url, opening());
      await answer.untilOver();
      const again = await answerToInitialize(served);
      return `then ${again}, closed ${served.closes} times`;
    },
    sdk: "then 400 -32600 id=null, closed 0 times",
    ours: "then 404 -32001 id=null, closed 1 times",
  },
  {
    when: "onmessage throws",
    observe: async (served) => {
      const client = await served.open();
      served.transport.onmessage = fail;
      const answer = await SseFollower.open(served.url, {
        method: "POST",
        headers: client.headers,
        body: ping(1),
      });
      await answer.untilOver();
      const [data = answer.body] = answer.messages;
      return `${answer.status} ${JSON.parse(data).error.code} id=${JSON.parse(data).id}`;
    },
    sdk: "400 -32700 id=null",
    ours: "200 -32603 id=1",
  },
  {
    when: "a session has been idle for idleTtlMs (default: a day)",
    options: () => ({ idleTtlMs: 60 }),
    observe: async (served) => {
      const client = await served.open();
      await waitFor("its end", () => served.closes > 0, 1_000).catch(() => {});
      return answerTo(served.url, { method: "POST", headers: client.headers, body: ping(1) });
    },
    sdk: "stream",
    ours: "404 -32001 id=null",
  },
];
