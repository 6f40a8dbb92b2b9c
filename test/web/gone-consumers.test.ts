import { getEventListeners } from "node:events";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { BodyReader, cursorOf, saidIn } from "./sse-body.js";
import { WebEndpoint } from "./web-endpoint.js";
import { ping, toolCall, webRequest } from "./web-request.js";

let served: WebEndpoint;
beforeEach(() => {
  served = new WebEndpoint();
});
afterEach(() => served.endpoint.close());

/** A call that has said one thing, which has been read. */
async function talkingCall() {
  const { headers, commanded } = await served.open();
  const abort = new AbortController();
  const request = webRequest("POST", toolCall(1), { headers, signal: abort.signal });
  const response = await served.handle(request);
  const call = await commanded.call(1);
  await call.notify("heard");
  const reader = new BodyReader(response);
  await reader.until("heard");
  const resume = (text: string) =>
    served.handle(webRequest("GET", undefined, { headers: { ...headers, "last-event-id": cursorOf(text) } }));
  return { headers, commanded, abort, request, response, call, reader, resume };
}

type TalkingCall = Awaited<ReturnType<typeof talkingCall>>;

/** Ways in which a consumer goes away. */
const DEPARTURES: readonly { readonly how: string; go(call: TalkingCall): unknown }[] = [
  { how: "cancels the body", go: ({ reader }) => reader.cancel() },
  {
    how: "cancels the body while it waits for a piece",
    go: async ({ reader }) => {
      const waiting = reader.read();
      await reader.cancel();
      await waiting;
    },
  },
  {
    how: "cancels twice",
    go: ({ reader }) => Promise.all([reader.cancel(), reader.cancel()]),
  },
  { how: "aborts the request", go: ({ abort }) => abort.abort() },
  {
    how: "aborts the request while it waits for a piece",
    go: async ({ reader, abort }) => {
      const waiting = reader.read();
      abort.abort();
      // Whether it is told of an end or of an error is the stream's business.
      await waiting.catch(() => {});
    },
  },
  {
    how: "cancels, and its request is aborted then",
    go: async ({ reader, abort }) => {
      await reader.cancel();
      abort.abort();
    },
  },
  {
    how: "has its request aborted, and cancels then",
    go: async ({ reader, abort }) => {
      abort.abort();
      await reader.cancel().catch(() => {});
    },
  },
];

describe.each(DEPARTURES)("G1 G7 A consumer that $how", ({ go }) => {
  it("leaves no connection behind; its call goes on and is resumed, everything once and in order", async () => {
    const talking = await talkingCall();
    await go(talking);
    await served.untilNothingIsLeft();
    expect(served.endpoint.stats()).toMatchObject({ sessions: 1, calls: 1 });
    const { call, reader, resume } = talking;
    await call.notify("meanwhile");
    const resumed = new BodyReader(await resume(reader.text));
    await resumed.until("meanwhile");
    await call.notify("after");
    call.finish("done");
    expect(saidIn(reader.text + (await resumed.toEnd()))).toEqual(["heard", "meanwhile", "after", "done"]);
    await served.untilNothingIsLeft();
    expect(served.endpoint.stats().calls).toBe(0);
  });
});

describe("G7 A request whose client", () => {
  it("has gone before it is handled leaves nothing behind, though nobody reads what it is answered", async () => {
    const { headers, commanded } = await served.open();
    const signal = AbortSignal.abort();
    for (const request of [
      webRequest("POST", toolCall(1), { headers, signal }),
      webRequest("GET", undefined, { headers, signal }),
      webRequest("POST", ping(2), { headers, signal }),
    ]) {
      expect((await served.handle(request)).ok).toBe(false);
    }
    // It may have been sent by somebody who does not care for the answer.
    const call = await commanded.call(1);
    await served.untilNothingIsLeft();
    call.finish("unheard");
    await expect.poll(() => served.endpoint.stats().calls).toBe(0);
  });

  it("goes away before its JSON answer leaves nothing behind, and its call is answered", async () => {
    served = new WebEndpoint({ enableJsonResponse: true });
    const { headers, commanded } = await served.open();
    const abort = new AbortController();
    const answering = served.handle(webRequest("POST", toolCall(1), { headers, signal: abort.signal }));
    const call = await commanded.call(1);
    abort.abort();
    expect((await answering).ok).toBe(false);
    call.finish("unheard");
    await served.untilNothingIsLeft();
    const next = await served.handle(webRequest("POST", ping(1), { headers }));
    expect(await next.json()).toMatchObject({ id: 1, result: {} });
  });

  it("goes away after its answer has been read is no fault", async () => {
    const { headers } = await served.open();
    for (const body of [ping(1), toolCall(2, "echo", { text: "hi" })]) {
      const abort = new AbortController();
      const response = await served.handle(webRequest("POST", body, { headers, signal: abort.signal }));
      expect(saidIn(await response.text())).toHaveLength(1);
      abort.abort();
    }
    await served.untilNothingIsLeft();
  });

  it("does not go away is forgotten with its answer: no listener is left at the request's signal", async () => {
    const { headers } = await served.open();
    for (const [method, body] of [
      ["POST", ping(1)],
      ["POST", { jsonrpc: "2.0", method: "notifications/initialized" }],
      ["PUT", ping(2)],
      ["DELETE", undefined],
    ] as const) {
      const request = webRequest(method, body, { headers });
      await (await served.handle(request)).text();
      expect(getEventListeners(request.signal, "abort")).toHaveLength(0);
    }
  });

  it("is not read by anybody, and whose body is left where it is, is one connection until its stream ends", async () => {
    const { headers, commanded } = await served.open();
    const response = await served.handle(webRequest("POST", toolCall(1), { headers }));
    const call = await commanded.call(1);
    expect(served.endpoint.stats().connections).toBe(1);
    call.finish("never read");
    await expect.poll(() => served.endpoint.stats().connections).toBe(0);
    expect(saidIn(await response.text())).toEqual(["never read"]);
    await served.untilNothingIsLeft();
  });
});

it("G7 A hundred consumers that come and go leave nothing behind", async () => {
  const { headers, commanded } = await served.open();
  await Promise.all(
    Array.from({ length: 100 }, async (_, n) => {
      const abort = new AbortController();
      const request = webRequest("POST", toolCall(n), { headers, signal: abort.signal });
      const response = await served.handle(request);
      if (n % 3 === 0) await response.body?.cancel();
      else if (n % 3 === 1) abort.abort();
      else await new BodyReader(response).read();
    }),
  );
  for (const call of commanded.calls) call.finish("done");
  await expect.poll(() => served.endpoint.stats().calls).toBe(0);
  await expect.poll(() => served.endpoint.stats().connections).toBe(0);
});
