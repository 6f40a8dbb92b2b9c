import { both, codeOf, type Expectation, outcomeOf } from "./expectation.js";
import { type Sent, turn } from "./recording-transport.js";
import { serving, servingCall } from "./serving.js";

export const SENDING: readonly Expectation[] = [
  {
    what: "a response comes without options: its id alone says where it belongs",
    ...both([{ message: "response 7", options: undefined }]),
    observe: async (sdk) => {
      const { transport } = await serving(sdk);
      await transport.call(7);
      return transport.sent.map(inShort);
    },
  },
  {
    what: "a handler's notification comes with the id of its request",
    ...both([{ message: "notifications/message", options: { relatedRequestId: 7 } }]),
    observe: async (sdk) => {
      const { transport, handled } = await servingCall(sdk);
      await handled.notify();
      return transport.sent.map(inShort);
    },
  },
  {
    what: "a handler's request comes with the id of its request, and with members for clients' transports",
    v1: [
      {
        message: "roots/list 0",
        options: { relatedRequestId: 7, onresumptiontoken: undefined, resumptionToken: undefined },
      },
    ],
    v2: [
      {
        message: "roots/list 0",
        options: {
          relatedRequestId: 7,
          headers: undefined,
          onresumptiontoken: undefined,
          requestSignal: undefined,
          resumptionToken: undefined,
        },
      },
    ],
    observe: async (sdk) => {
      const { transport, handled } = await servingCall(sdk);
      void outcomeOf(handled.ask());
      return transport.sent.map(inShort);
    },
  },
  {
    what: "what belongs to no request comes without relatedRequestId",
    ...both([
      ["notifications/message", undefined],
      ["roots/list 0", undefined],
    ]),
    observe: async (sdk) => {
      const { transport, server } = await serving(sdk);
      await server.sendLoggingMessage({ level: "info", data: "hello" });
      void outcomeOf(server.listRoots());
      return transport.sent.map((one) => [inShort(one).message, one.options?.relatedRequestId]);
    },
  },
  {
    what: "ids of own requests count from 0 in each server object, and are their progress tokens",
    ...both([
      [0, 0],
      [1, 1],
      [0, 0],
    ]),
    observe: async (sdk) => {
      const seen: unknown[] = [];
      for (const requests of [2, 1]) {
        const { transport, server } = await serving(sdk);
        for (let n = 0; n < requests; n += 1)
          void outcomeOf(server.listRoots(undefined, { onprogress() {} }));
        for (const { message } of transport.sent) seen.push([message.id, message.params._meta.progressToken]);
      }
      return seen;
    },
  },
  {
    what: "an own request that is given up is cancelled by a notification that belongs to the same call",
    v1: { sent: ["roots/list 0", "notifications/cancelled of 0 for 7"], asked: -32001 },
    v2: { sent: ["roots/list 0", "notifications/cancelled of 0 for 7"], asked: "REQUEST_TIMEOUT" },
    observe: async (sdk) => {
      const { transport, handled } = await servingCall(sdk);
      const giveUp = new AbortController();
      const asking = outcomeOf(handled.ask({ signal: giveUp.signal }));
      giveUp.abort("changed my mind");
      const sent = transport.sent.map((one) =>
        one.message.method === "notifications/cancelled"
          ? `${one.message.method} of ${one.message.params.requestId} for ${one.options?.relatedRequestId}`
          : inShort(one).message,
      );
      return { sent, asked: await asking };
    },
  },
  {
    what: "after its request was cancelled, a handler's messages",
    v1: { notify: "resolved", ask: -32000, sent: [] },
    // Version 2 leaves it to the transport to refuse them.
    v2: { notify: "resolved", ask: "resolved", sent: ["notifications/message", "roots/list 0"] },
    observe: async (sdk) => {
      const { transport, handled } = await servingCall(sdk);
      await transport.receive({ method: "notifications/cancelled", params: { requestId: 7 } });
      const notify = await outcomeOf(handled.notify());
      const asking = outcomeOf(handled.ask().then(() => "resolved"));
      await turn();
      const sent = transport.sent.map((one) => inShort(one).message);
      await transport.receive({ id: 0, result: { roots: [] } });
      return { notify, ask: await asking, sent };
    },
  },
  {
    what: "after its request was answered, a handler's messages are sent all the same",
    ...both(["response 7", "notifications/message", "roots/list 0"]),
    observe: async (sdk) => {
      const { transport, handled, finish } = await servingCall(sdk);
      finish();
      await turn();
      await handled.notify();
      void outcomeOf(handled.ask());
      return transport.sent.map((one) => inShort(one).message);
    },
  },
  {
    what: "a send that fails: a notification and a request tell their sender, a response tells onerror",
    ...both({ notify: "no room", ask: "no room", errors: ["Failed to send response"] }),
    observe: async (sdk) => {
      const { transport, handled, finish, errors } = await servingCall(sdk);
      transport.failure = new Error("no room");
      const notify = await handled.notify().catch(codeOf);
      const ask = await handled.ask().catch(codeOf);
      finish();
      await turn();
      return { notify, ask, errors };
    },
  },
];

function inShort({ message, options }: Sent) {
  const { method = "response", id } = message;
  return { message: id === undefined ? method : `${method} ${id}`, options };
}
