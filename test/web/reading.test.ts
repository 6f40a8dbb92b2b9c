import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { saidIn } from "./sse-body.js";
import { WebEndpoint } from "./web-endpoint.js";
import { toolCall, webRequest } from "./web-request.js";

const SAID = Array.from({ length: 50 }, (_, n) => `${n} ${"é".repeat(n * 100)}`);

let served: WebEndpoint;
beforeEach(() => {
  served = new WebEndpoint();
});
afterEach(() => served.endpoint.close());

type Body = ReadableStream<Uint8Array>;

const textOf = (stream: Body) => new Response(stream).text();

/** Ways to read a body. Each returns the texts that it has read. */
const WAYS: readonly { readonly how: string; read(response: Response): Promise<readonly string[]> }[] = [
  { how: "response.text()", read: async (response) => [await response.text()] },
  {
    how: "response.arrayBuffer()",
    read: async (response) => [new TextDecoder().decode(await response.arrayBuffer())],
  },
  {
    how: "for await",
    read: async ({ body }) => {
      const pieces: Uint8Array[] = [];
      for await (const piece of body as Body) pieces.push(piece);
      return [Buffer.concat(pieces).toString()];
    },
  },
  {
    how: "a reader",
    read: async ({ body }) => {
      const reader = (body as Body).getReader();
      const pieces: Uint8Array[] = [];
      for (;;) {
        const { value, done } = await reader.read();
        if (done) break;
        pieces.push(value);
      }
      await reader.closed;
      return [Buffer.concat(pieces).toString()];
    },
  },
  {
    how: "a reader that asks for three pieces at a time",
    read: async ({ body }) => {
      const reader = (body as Body).getReader();
      const pieces: Uint8Array[] = [];
      for (let done = false; !done; ) {
        const read = await Promise.all([reader.read(), reader.read(), reader.read()]);
        for (const { value } of read) if (value) pieces.push(value);
        done = read.some((one) => one.done);
      }
      return [Buffer.concat(pieces).toString()];
    },
  },
  {
    how: "a reader that is let go of while it waits, and another one",
    read: async ({ body }) => {
      const pieces: Uint8Array[] = [];
      for (let done = false; !done; ) {
        const reader = (body as Body).getReader();
        const waiting = reader.read();
        await Promise.race([waiting, new Promise((resolve) => setTimeout(resolve))]);
        reader.releaseLock();
        const read = await waiting.catch(() => undefined);
        if (read?.value) pieces.push(read.value);
        done = read?.done ?? false;
      }
      return [Buffer.concat(pieces).toString()];
    },
  },
  {
    how: "pipeTo",
    read: async ({ body }) => {
      const pieces: Uint8Array[] = [];
      const sink = new WritableStream<Uint8Array>({ write: (piece) => void pieces.push(piece) });
      await (body as Body).pipeTo(sink);
      return [Buffer.concat(pieces).toString()];
    },
  },
  {
    how: "pipeThrough",
    read: async ({ body }) => [await textOf((body as Body).pipeThrough(new TransformStream()))],
  },
  {
    how: "tee",
    read: async ({ body }) => Promise.all((body as Body).tee().map((branch) => textOf(branch as Body))),
  },
  {
    how: "response.clone()",
    read: async (response) => {
      const clone = response.clone();
      return Promise.all([response.text(), clone.text()]);
    },
  },
  {
    how: "tee, one branch of which is cancelled",
    read: async ({ body }) => {
      const [one, other] = (body as Body).tee();
      void one.cancel();
      return [await textOf(other as Body)];
    },
  },
];

describe.each(WAYS)("A body that is read by $how", ({ read }) => {
  const start = async () => {
    const { headers, commanded } = await served.open();
    const response = await served.handle(webRequest("POST", toolCall(1), { headers }));
    return { response, call: await commanded.call(1) };
  };

  it.each([
    { when: "while it is written", ahead: false },
    { when: "after all of it is there", ahead: true },
  ])("is complete, in order: $when", async ({ ahead }) => {
    const { response, call } = await start();
    const say = async () => {
      for (const [n, text] of SAID.entries()) {
        await call.notify(text);
        if (n % 10 === 0) await new Promise((resolve) => setTimeout(resolve));
      }
      call.finish("done");
    };
    if (ahead) await say();
    const [texts] = await Promise.all([read(response), ahead ? undefined : say()]);
    for (const text of texts) expect(saidIn(text)).toEqual([...SAID, "done"]);
    await served.untilNothingIsLeft();
  });

  it("is complete when its only message is its last one", async () => {
    const { response, call } = await start();
    const reading = read(response);
    await new Promise((resolve) => setTimeout(resolve));
    call.finish("done");
    for (const text of await reading) expect(saidIn(text)).toEqual(["done"]);
    await served.untilNothingIsLeft();
  });
});
