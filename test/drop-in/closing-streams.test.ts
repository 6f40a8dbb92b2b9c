import { afterEach, describe, expect, it } from "vitest";
import { toolCall } from "./ask.js";
import { EVENT_STORES } from "./event-store-kinds.js";
import { NumberingEventStore } from "./numbering-event-store.js";
import { ServedTransport } from "./served-transport.js";
import { ALL_CLASSES, OUR_CLASSES } from "./transport-classes.js";

let served: ServedTransport;
let dispose: (() => Promise<void>) | undefined;
afterEach(async () => {
  await served.stop();
  await dispose?.();
  dispose = undefined;
});

describe.each(ALL_CLASSES)("$name closes connections, and not what they carry:", ({ Transport }) => {
  const start = async () => {
    served = await ServedTransport.start(Transport, { eventStore: new NumberingEventStore() });
    return served.open();
  };

  it.each([
    { how: "the transport's closeSSEStream", byExtra: false },
    { how: "extra.closeSSEStream", byExtra: true },
  ])("a call's by $how; the client polls, and gets the rest", async ({ byExtra }) => {
    const client = await start();
    const [answer, other] = [await client.post(toolCall(1)), await client.post(toolCall(2))];
    const call = await served.commanded.call(1);
    await call.notify("before");
    await answer.untilMessages(1);
    if (byExtra) call.extra.closeSSEStream?.();
    else served.transport.closeSSEStream(1);
    await answer.untilOver();
    expect(answer.messages.length).toBe(1);
    expect(other.over).toBe(false);
    await call.notify("while nobody listens");
    const rest = await client.get(answer.cursor);
    await rest.untilMessages(1);
    call.finish("done");
    await rest.untilOver();
    expect(
      rest.messages.map((data) => JSON.parse(data).result?.content[0].text ?? JSON.parse(data).params.data),
    ).toEqual(["while nobody listens", "done"]);
  });

  it.each([
    { how: "the transport's closeStandaloneSSEStream", byExtra: false },
    { how: "extra.closeStandaloneSSEStream", byExtra: true },
  ])("the GET's by $how; the call goes on, and a new GET is served", async ({ byExtra }) => {
    const client = await start();
    const [stream, answer] = [await client.get(), await client.post(toolCall(1))];
    const call = await served.commanded.call(1);
    if (byExtra) call.extra.closeStandaloneSSEStream?.();
    else served.transport.closeStandaloneSSEStream();
    await stream.untilOver();
    const again = await client.get();
    expect(again.status).toBe(200);
    await served.commanded.say("heard");
    await again.untilMessages(1);
    call.finish("done");
    await answer.untilOver();
    expect(answer.messages.length).toBe(1);
  });

  it("none where there is none", async () => {
    served = await ServedTransport.start(Transport);
    served.transport.closeSSEStream(1);
    served.transport.closeStandaloneSSEStream();
    const client = await served.open();
    served.transport.closeSSEStream(1);
    served.transport.closeStandaloneSSEStream();
    expect((await client.get()).status).toBe(200);
  });
});

describe.each(EVENT_STORES)("G1 On $name", { timeout: 20_000 }, ({ open }) => {
  it.each(OUR_CLASSES)(
    "$name brings a client that is sent away again and again every message once and in order",
    async ({ Transport }) => {
      const opened = open();
      dispose = opened.dispose;
      served = await ServedTransport.start(Transport, { eventStore: opened.eventStore, retryInterval: 7 });
      const client = await served.open();
      let answer = await client.post(toolCall(1));
      const call = await served.commanded.call(1);
      const came: string[] = [];
      const expected: string[] = [];
      for (let round = 1; round <= 20; round += 1) {
        const texts = [1, 2, 3].map((n) => `${round}.${n}`);
        expected.push(...texts);
        await Promise.all(texts.slice(0, 2).map((text) => call.notify(text)));
        if (round % 2 === 0) await answer.untilMessages(2);
        call.extra.closeSSEStream?.();
        await answer.untilOver();
        expect(answer.events.at(-1)?.retryMs).toBe(7);
        await call.notify(texts[2] as string);
        came.push(...answer.messages);
        answer = await client.get(answer.cursor);
        await answer.untilMessages(expected.length - came.length);
        came.push(...answer.messages);
        answer.cut();
        answer = await client.get(answer.cursor);
      }
      call.finish("done");
      await answer.untilOver();
      expect(came.map((data) => JSON.parse(data).params.data)).toEqual(expected);
      expect(answer.messages.length).toBe(1);
    },
  );
});
