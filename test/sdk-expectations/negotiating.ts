import { expect } from "vitest";
import { both, type Expectation, outcomeOf } from "./expectation.js";
import { RecordingTransport } from "./recording-transport.js";
import type { SdkUnderTest } from "./sdk-under-test.js";

export const NEGOTIATING: readonly Expectation[] = [
  {
    what: "initialize: a version it knows is confirmed, any other is answered by the newest of the sessionful era",
    ...both({
      "2024-10-07": "2024-10-07",
      "2024-11-05": "2024-11-05",
      "2025-03-26": "2025-03-26",
      "2025-06-18": "2025-06-18",
      "2025-11-25": "2025-11-25",
      "2026-07-28": "2025-11-25",
      "2099-01-01": "2025-11-25",
    }),
    observe: async (sdk) => {
      const asked = ["2024-10-07", "2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25"];
      const answers: Record<string, unknown> = {};
      for (const version of [...asked, "2026-07-28", "2099-01-01"]) {
        const { transport } = await initialized(sdk, {}, version);
        answers[version] = transport.sent[0]?.message.result.protocolVersion;
      }
      return answers;
    },
  },
  {
    what: "initialize once more is served once more: refusing it is the transport's",
    ...both(["2025-11-25", "2025-06-18"]),
    observe: async (sdk) => {
      const { transport } = await initialized(sdk);
      await transport.initialize({}, "2025-06-18");
      return transport.sent.map(({ message }) => message.result.protocolVersion);
    },
  },
  {
    what: "initialize tells the client's capabilities, and initialized calls oninitialized",
    ...both({ capabilities: { roots: {} }, initialized: 1 }),
    observe: async (sdk) => {
      const { server, initialized: count } = await initialized(sdk, { roots: {} });
      return { capabilities: server.getClientCapabilities(), initialized: count };
    },
  },
  {
    what: "a strict server object asks nothing that the client has not declared",
    v1: { undeclared: expect.stringContaining("does not support"), sent: 0 },
    v2: { undeclared: "CAPABILITY_NOT_SUPPORTED", sent: 0 },
    observe: async (sdk) => {
      const { transport, server } = await initialized(sdk, {}, undefined, true);
      transport.forget();
      return { undeclared: await outcomeOf(server.listRoots()), sent: transport.sent.length };
    },
  },
  {
    what: "one that is not strict asks all the same",
    ...both(["roots/list"]),
    observe: async (sdk) => {
      const { transport, server } = await initialized(sdk);
      transport.forget();
      void outcomeOf(server.listRoots());
      return transport.sent.map(({ message }) => message.method);
    },
  },
  {
    what: "the SDK's own log level is kept under the transport's session id",
    ...both({ ofTheSession: 0, ofNone: 1 }),
    observe: async (sdk) => {
      const { transport, server } = await initialized(sdk);
      await transport.receive({ id: 1, method: "logging/setLevel", params: { level: "error" } });
      transport.forget();
      const message = { level: "info", data: "hello" } as const;
      await server.sendLoggingMessage(message, transport.sessionId);
      const ofTheSession = transport.forget().length;
      await server.sendLoggingMessage(message);
      return { ofTheSession, ofNone: transport.sent.length };
    },
  },
];

async function initialized(sdk: SdkUnderTest, capabilities = {}, version = "2025-11-25", strict = false) {
  const transport = new RecordingTransport();
  const server = sdk.createServer(undefined, { strict });
  let count = 0;
  server.oninitialized = () => {
    count += 1;
  };
  await server.connect(transport);
  await transport.initialize(capabilities, version);
  return { transport, server, initialized: count };
}
