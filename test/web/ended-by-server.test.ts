import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { waitFor } from "../support/wait-for.js";
import { cursorOf, eventsIn, saidIn } from "./sse-body.js";
import { WebEndpoint } from "./web-endpoint.js";
import { toolCall, webRequest } from "./web-request.js";

let served: WebEndpoint;
beforeEach(() => {
  served = new WebEndpoint({ retryMs: 1_234 });
});
afterEach(() => served.endpoint.close());

/** Ways in which this side ends a connection with a last word on the stream. */
const ENDS: readonly {
  readonly how: string;
  end(session: Awaited<ReturnType<WebEndpoint["open"]>>): Promise<unknown>;
}[] = [
  { how: "the tool sends its client away", end: async ({ commanded }) => closeConnectionOf(commanded) },
  { how: "the endpoint closes", end: async () => served.endpoint.close() },
];

async function closeConnectionOf(commanded: Awaited<ReturnType<WebEndpoint["open"]>>["commanded"]) {
  (await commanded.call(1)).extra.closeSSEStream?.();
}

describe.each(ENDS)("G1 When $how", ({ end }) => {
  it.each([1, 2, 3])("a reader with %i pieces asked for gets the last word, and the end", async (count) => {
    const session = await served.open();
    const response = await served.handle(webRequest("POST", toolCall(1), { headers: session.headers }));
    await session.commanded.call(1);
    const reader = (response.body as ReadableStream<Uint8Array>).getReader();
    const first = await reader.read();
    const waiting = Array.from({ length: count }, () => reader.read());
    await end(session);
    const [last, ...rest] = await Promise.all(waiting);
    const text = Buffer.concat([first.value ?? [], last?.value ?? []].map((one) => Uint8Array.from(one)));
    expect(eventsIn(text.toString()).at(-1)?.retryMs).toBe(1_234);
    expect(rest.map(({ done }) => done)).toEqual(rest.map(() => true));
    expect((await reader.read()).done).toBe(true);
    await waitFor("the end", () => served.endpoint.stats().connections === 0);
  });

  it("a consumer that has not read anything yet gets everything up to it", async () => {
    const session = await served.open();
    const response = await served.handle(webRequest("POST", toolCall(1), { headers: session.headers }));
    const call = await session.commanded.call(1);
    await call.notify("before");
    await end(session);
    const text = await response.text();
    expect(saidIn(text)[0]).toBe("before");
    expect(eventsIn(text).at(-1)?.retryMs).toBe(1_234);
  });
});

it("G1 A consumer that was sent away comes back by its cursor and gets the rest", async () => {
  const { headers, commanded } = await served.open();
  const response = await served.handle(webRequest("POST", toolCall(1), { headers }));
  const call = await commanded.call(1);
  await call.notify("one");
  call.extra.closeSSEStream?.();
  const before = await response.text();
  await call.notify("two");
  call.finish("done");
  const resume = webRequest("GET", undefined, { headers: { ...headers, "last-event-id": cursorOf(before) } });
  const after = await (await served.handle(resume)).text();
  expect([...saidIn(before), ...saidIn(after)]).toEqual(["one", "two", "done"]);
  await served.untilNothingIsLeft();
});
