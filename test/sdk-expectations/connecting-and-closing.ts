import { expect } from "vitest";
import { both, codeOf, type Expectation, outcomeOf } from "./expectation.js";
import { RecordingTransport, turn } from "./recording-transport.js";

const LEGACY_VERSIONS = ["2025-11-25", "2025-06-18", "2025-03-26", "2024-11-05", "2024-10-07"];
const CALLBACKS = ["onclose", "onerror", "onmessage"] as const;

export const CONNECTING_AND_CLOSING: readonly Expectation[] = [
  {
    what: "connect: start() is called once, when the callbacks are set",
    ...both({ calls: ["start"], set: [...CALLBACKS] }),
    observe: async (sdk) => {
      const transport = new RecordingTransport();
      let set: string[] = [];
      const { start } = transport;
      transport.start = () => {
        set = CALLBACKS.filter((name) => transport[name] !== undefined);
        return start();
      };
      await sdk.createServer().connect(transport);
      return { calls: transport.calls, set };
    },
  },
  {
    what: "connect: callbacks that were set before stay, and are called first",
    ...both(["message: before", "error: before", "error: server", "close: before", "close: server"]),
    observe: async (sdk) => {
      const said: string[] = [];
      const transport = new RecordingTransport();
      transport.onmessage = () => said.push("message: before");
      transport.onerror = () => said.push("error: before");
      transport.onclose = () => said.push("close: before");
      const server = sdk.createServer();
      server.onerror = () => said.push("error: server");
      server.onclose = () => said.push("close: server");
      await server.connect(transport);
      await transport.receive({ method: "notifications/initialized" });
      transport.onerror(new Error("a fault"));
      transport.onclose();
      return said;
    },
  },
  {
    what: "connect: the members of the transport that a high-level server touches",
    v1: ["onclose", "onerror", "onmessage", "start"],
    v2: [
      "onclose",
      "onerror",
      "onmessage",
      "setScopeChallengeResolver",
      "setSupportedProtocolVersions",
      "start",
    ],
    observe: async (sdk) => {
      const transport = new RecordingTransport();
      await sdk.createMcpServer().connect(transport.watched);
      return [...transport.touched].sort();
    },
  },
  {
    what: "while serving: the members of the transport that are touched",
    v1: ["send", "sessionId"],
    v2: ["send", "sessionId", "setProtocolVersion"],
    observe: async (sdk) => {
      const transport = new RecordingTransport();
      const server = sdk.createServer(async ({ notify, ask }) => {
        await notify();
        await ask();
        return "done";
      });
      await server.connect(transport.watched);
      transport.forget();
      await transport.initialize({ roots: {} });
      await transport.call(1);
      await transport.receive({ id: 0, result: { roots: [] } });
      await transport.receive({ method: "notifications/cancelled", params: { requestId: 1 } });
      return [...transport.touched].sort();
    },
  },
  {
    what: "the transport is told the versions that the server object knows, then the negotiated one",
    v1: [],
    v2: [LEGACY_VERSIONS, "2025-06-18"],
    observe: async (sdk) => {
      const transport = new RecordingTransport();
      await sdk.createServer().connect(transport);
      await transport.initialize({}, "2025-06-18");
      return transport.told;
    },
  },
  {
    what: "a server object that is connected refuses another transport; one that was closed takes it",
    v1: { meanwhile: expect.stringContaining("Already connected"), afterwards: "resolved" },
    v2: { meanwhile: "ALREADY_CONNECTED", afterwards: "resolved" },
    observe: async (sdk) => {
      const server = sdk.createServer();
      await server.connect(new RecordingTransport());
      const meanwhile = await outcomeOf(server.connect(new RecordingTransport()));
      await server.close();
      return { meanwhile, afterwards: await outcomeOf(server.connect(new RecordingTransport())) };
    },
  },
  {
    what: "close(): transport.close(), whose onclose() tells the server object; a second close() does nothing",
    ...both(["start", "close", "server.onclose"]),
    observe: async (sdk) => {
      const transport = new RecordingTransport();
      const server = sdk.createServer();
      server.onclose = () => transport.calls.push("server.onclose");
      await server.connect(transport);
      await server.close();
      await server.close();
      return transport.calls;
    },
  },
  {
    what: "close() alone changes nothing: a transport that does not call onclose() leaves its server object connected",
    ...both({ closed: 2, answered: true }),
    observe: async (sdk) => {
      const transport = new RecordingTransport();
      transport.close = async () => void transport.calls.push("close");
      const server = sdk.createServer();
      await server.connect(transport);
      await server.close();
      await server.close();
      await transport.call(1);
      return {
        closed: transport.calls.filter((call) => call === "close").length,
        answered: transport.sent.length === 1,
      };
    },
  },
  {
    what: "onclose() aborts what is being served, unanswered, and fails what was asked",
    v1: { aborted: true, sent: 1, asked: -32000 },
    v2: { aborted: true, sent: 1, asked: "CONNECTION_CLOSED" },
    observe: async (sdk) => {
      const transport = new RecordingTransport();
      let aborted = false;
      const server = sdk.createServer(({ signal }) => {
        return new Promise((resolve) => {
          signal.addEventListener("abort", () => {
            aborted = true;
            resolve("too late");
          });
        });
      });
      await server.connect(transport);
      await transport.call(1);
      const asking = server.listRoots().catch(codeOf);
      transport.onclose?.();
      await turn();
      return { aborted, sent: transport.sent.length, asked: await asking };
    },
  },
];
