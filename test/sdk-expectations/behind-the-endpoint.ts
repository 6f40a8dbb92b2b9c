import { expect } from "vitest";
import { waitFor } from "../support/wait-for.js";
import { both, type Expectation, outcomeOf } from "./expectation.js";
import { AUTH, holdCall, ServedEndpoint } from "./served-endpoint.js";
import { watched } from "./watched.js";

const REFUSED = expect.stringContaining("answered or cancelled");

/** How our transport meets the expectations: the same server objects behind a real endpoint. */
export const BEHIND_THE_ENDPOINT: readonly Expectation[] = [
  {
    what: "the members of a transport that a high-level server looks for, and that ours does not have",
    v1: [],
    v2: ["setProtocolVersion", "setSupportedProtocolVersions"],
    observe: async (sdk) => {
      const touched = new Set<string>();
      let transport: object = {};
      const served = await ServedEndpoint.start(() => {
        const server = sdk.createMcpServer();
        return {
          connect: (ours) => {
            transport = ours;
            return server.connect(watched(ours, touched));
          },
          close: () => server.close(),
        };
      });
      await (await served.open()).done("ping");
      return [...touched].filter((name) => !(name in transport)).sort();
    },
  },
  {
    what: "a handler is told of the session, the caller and the HTTP request",
    ...both({ sessionId: true, authInfo: AUTH, header: "yes", path: "/mcp" }),
    observe: async (sdk) => {
      const { session, handled } = await holdCall(sdk, { headers: { "x-test": "yes" } });
      return {
        sessionId: handled.sessionId === session.id,
        authInfo: handled.authInfo,
        header: handled.header("x-test"),
        path: handled.url && new URL(handled.url).pathname,
      };
    },
  },
  {
    what: "a handler can close its connections where the client's revision knows that",
    ...both({ "2025-11-25": [true, true], "2025-06-18": [false, false] }),
    observe: async (sdk) => {
      const able: Record<string, unknown> = {};
      for (const protocolVersion of ["2025-11-25", "2025-06-18"]) {
        const { handled } = await holdCall(sdk, { protocolVersion });
        const { closeConnection, closeGetConnection } = handled;
        able[protocolVersion] = [closeConnection !== undefined, closeGetConnection !== undefined];
      }
      return able;
    },
  },
  {
    what: "a handler's question comes on its call's stream under an id of ours, and the answer finds its way back",
    ...both({ asked: ["1:0"], answer: { roots: [{ uri: "file:///a" }] } }),
    observe: async (sdk) => {
      const { session, handled } = await holdCall(sdk);
      const answer = handled.ask();
      const id = await waitFor("the question", () => session.asked[0]);
      await session.send({ id, result: { roots: [{ uri: "file:///a" }] } });
      return { asked: session.asked, answer: await answer };
    },
  },
  {
    what: "what a handler says after its request was cancelled",
    v1: { aborted: true, notify: "resolved", ask: -32000, events: 0 },
    v2: { aborted: true, notify: "resolved", ask: REFUSED, events: 0 },
    observe: async (sdk) => {
      const { session, handled, call } = await holdCall(sdk);
      await session.send({ method: "notifications/cancelled", params: { requestId: 7 } });
      await call.over();
      const { aborted } = handled.signal;
      const notify = await outcomeOf(handled.notify());
      return { aborted, notify, ask: await outcomeOf(handled.ask()), events: call.events.length };
    },
  },
  {
    what: "what a handler says after its request was answered is refused",
    ...both({ notify: REFUSED, ask: REFUSED, events: 1 }),
    observe: async (sdk) => {
      const { call, handled, finish } = await holdCall(sdk);
      finish();
      await call.over();
      const notify = await outcomeOf(handled.notify());
      return { notify, ask: await outcomeOf(handled.ask()), events: call.events.length };
    },
  },
  {
    what: "a request with the id 0 that was cancelled gets no response, whatever becomes of its handler",
    v1: { aborted: false, events: 0 },
    v2: { aborted: true, events: 0 },
    observe: async (sdk) => {
      const { session, call, handled, finish } = await holdCall(sdk, { id: 0 });
      await session.send({ method: "notifications/cancelled", params: { requestId: 0 } });
      await call.over();
      finish();
      // Whatever the handler has said is stored before this is answered.
      await session.done("ping");
      const again = session.reread(call.cursors[0]);
      await again.over();
      return { aborted: handled.signal.aborted, events: call.events.length + again.events.length };
    },
  },
  {
    what: "close() of a server object ends its session",
    ...both({ closed: 1, status: 404 }),
    observe: async (sdk) => {
      const served = await ServedEndpoint.start(() => sdk.createServer());
      const session = await served.open();
      const [server] = served.servers;
      let closed = 0;
      if (server) server.onclose = () => void closed++;
      await server?.close();
      return { closed, status: (await session.request("GET")).status };
    },
  },
  {
    what: "an endpoint that closes closes its server objects, aborts what they serve, and leaves the session",
    ...both({ closed: 1, aborted: true, status: 202 }),
    observe: async (sdk) => {
      const { served, session, handled } = await holdCall(sdk);
      const [server] = served.servers;
      let closed = 0;
      if (server) server.onclose = () => void closed++;
      await served.replace(() => sdk.createServer());
      const { status } = await session.send({ method: "notifications/initialized" });
      return { closed, aborted: handled.signal.aborted, status };
    },
  },
  {
    what: "a server object that takes over knows the client, is initialized, and is not heard meanwhile",
    ...both({ capabilities: { roots: {} }, initialized: 1, asked: -32000, said: ["afterwards"] }),
    observe: async (sdk) => {
      const served = await ServedEndpoint.start(() => sdk.createServer());
      const session = await served.open({ capabilities: { roots: {} } });
      let initialized = 0;
      let asked: Promise<unknown> | undefined;
      await served.replace(() => {
        const server = sdk.createServer();
        server.oninitialized = () => {
          initialized += 1;
          asked = outcomeOf(server.listRoots());
          void server.sendLoggingMessage({ level: "info", data: "meanwhile" });
        };
        return server;
      });
      await session.done("ping");
      const restored = served.servers.at(-1);
      await restored?.sendLoggingMessage({ level: "info", data: "afterwards" });
      const { events } = session.notifications.resume();
      await waitFor("what it says", () => events.length > 0);
      const said = events.map(({ message }) => message.params?.data);
      return { capabilities: restored?.getClientCapabilities(), initialized, asked: await asked, said };
    },
  },
  {
    what: "the next server object's questions have other ids than the last one's",
    ...both(["1:0", "2:0"]),
    observe: async (sdk) => {
      const ask = () =>
        sdk.createServer(async (handled) => {
          await handled.ask();
          return "done";
        });
      const served = await ServedEndpoint.start(ask);
      const session = await served.open();
      session.call("tool");
      await waitFor("the first question", () => session.asked.length === 1);
      await served.replace(ask);
      session.call("tool");
      await waitFor("the second question", () => session.asked.length === 2);
      return session.asked;
    },
  },
];
