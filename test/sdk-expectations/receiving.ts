import { both, type Expectation } from "./expectation.js";
import { RecordingTransport, turn } from "./recording-transport.js";
import type { SdkUnderTest } from "./sdk-under-test.js";
import { serving, servingCall } from "./serving.js";

const ROOT = { uri: "file:///a" };
const MODERN_META = { "io.modelcontextprotocol/protocolVersion": "2026-07-28", own: true };

export const RECEIVING: readonly Expectation[] = [
  {
    what: "a request gets one response, in the order of finishing",
    ...both(["b", "a"]),
    observe: async (sdk) => {
      const finish: (() => void)[] = [];
      const { transport } = await serving(sdk, () => new Promise((done) => finish.push(() => done("done"))));
      await transport.call("a");
      await transport.call("b");
      finish[1]?.();
      await turn();
      finish[0]?.();
      await turn();
      return transport.sent.map(({ message }) => message.id);
    },
  },
  {
    what: "a request that was cancelled is aborted and gets no response",
    ...both({ aborted: true, sent: 0 }),
    observe: (sdk) => cancelled(sdk, 7),
  },
  {
    what: "a request with the id 0 can be cancelled",
    // Version 1 takes 0 for no id: the handler goes on and its response is sent.
    v1: { aborted: false, sent: 1 },
    v2: { aborted: true, sent: 0 },
    observe: (sdk) => cancelled(sdk, 0),
  },
  {
    what: "a cancellation that comes before its request is forgotten: remembering it is the transport's",
    ...both([7]),
    observe: async (sdk) => {
      const { transport } = await serving(sdk);
      await transport.receive({ method: "notifications/cancelled", params: { requestId: 7 } });
      await transport.call(7);
      return transport.sent.map(({ message }) => message.id);
    },
  },
  {
    what: "two requests in flight with one id are both answered: keeping ids apart is the transport's",
    ...both([7, 7]),
    observe: async (sdk) => {
      const { transport } = await serving(sdk, async () => {
        await turn();
        return "done";
      });
      void transport.call(7);
      await transport.call(7);
      await turn();
      return transport.sent.map(({ message }) => message.id);
    },
  },
  {
    what: "a batch is no message: taking it apart is the transport's",
    ...both({ sent: 0, errors: ["Unknown message type"] }),
    observe: async (sdk) => {
      const { transport, errors } = await serving(sdk);
      transport.onmessage?.([{ jsonrpc: "2.0", id: 1, method: "ping" }]);
      await turn();
      return { sent: transport.sent.length, errors };
    },
  },
  {
    what: "an answer is taken by its id's number, once; any other is an error for onerror alone",
    ...both({ taken: [ROOT], errors: ["Received a response for an unknown message ID"], sent: 0 }),
    observe: async (sdk) => {
      const { transport, server, errors } = await serving(sdk);
      const asking = server.listRoots();
      transport.forget();
      await transport.receive({ id: "0", result: { roots: [ROOT] } });
      await transport.receive({ id: 0, result: { roots: [] } });
      const { roots } = (await asking) as { roots: unknown };
      return { taken: roots, errors, sent: transport.sent.length };
    },
  },
  {
    what: "an unknown method, one of the next era too, is answered by -32601",
    ...both([-32601, -32601, -32601]),
    observe: async (sdk) => {
      const { transport } = await serving(sdk);
      for (const method of ["no/such", "server/discover", "subscriptions/listen"])
        await transport.receive({ id: method, method });
      return transport.sent.map(({ message }) => message.error.code);
    },
  },
  {
    what: "requests before initialize are served: refusing them is the transport's",
    ...both("done"),
    observe: async (sdk) => {
      const transport = new RecordingTransport();
      await sdk.createServer().connect(transport);
      await transport.call(1);
      return transport.sent[0]?.message.result.content[0].text;
    },
  },
  {
    what: "the members of `extra` that are read for a request",
    v1: ["authInfo", "closeSSEStream", "closeStandaloneSSEStream", "requestInfo"],
    v2: ["authInfo", "classification", "closeSSEStream", "closeStandaloneSSEStream", "request"],
    observe: async (sdk) => {
      const read = new Set<PropertyKey>();
      const extra = new Proxy({}, { get: (_, name) => void read.add(name) });
      const { transport } = await serving(sdk);
      await transport.call(1, extra);
      return [...read].sort();
    },
  },
  {
    what: "a request that the transport classified as one of the next era",
    v1: "served",
    v2: -32022,
    observe: async (sdk) => {
      const { transport } = await serving(sdk);
      await transport.call(1, { classification: { era: "modern" } });
      const { message } = transport.sent[0] ?? {};
      return message.error?.code ?? "served";
    },
  },
  {
    what: "what handlers see of what the next era writes into a request",
    v1: { _meta: MODERN_META, inputResponses: {}, requestState: "s", a: 1 },
    v2: { _meta: { own: true }, a: 1 },
    observe: async (sdk) => {
      const { transport, server } = await serving(sdk);
      let params: unknown;
      server.fallbackRequestHandler = async (request) => {
        params = request.params;
        return {};
      };
      const sent = { _meta: MODERN_META, inputResponses: {}, requestState: "s", a: 1 };
      await transport.receive({ id: 1, method: "own/method", params: sent });
      return params;
    },
  },
];

/** What becomes of a request that is cancelled while its handler goes on to its end. */
async function cancelled(sdk: SdkUnderTest, id: number) {
  const { transport, handled, finish } = await servingCall(sdk, id);
  await transport.receive({ method: "notifications/cancelled", params: { requestId: id } });
  finish();
  await turn();
  return { aborted: handled.signal.aborted, sent: transport.sent.length };
}
