import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { saidIn } from "./sse-body.js";
import { WebEndpoint } from "./web-endpoint.js";
import { toolCall, webRequest } from "./web-request.js";

const ECHO = toolCall(1, "echo", { text: "é語🙂" });

let served: WebEndpoint;
let headers: Record<string, string>;
beforeEach(async () => {
  served = new WebEndpoint({ maxBodyBytes: 10_000 });
  ({ headers } = await served.open());
});
afterEach(() => served.endpoint.close());

const bytesOf = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));

/** A body that is made as it is read, and what has become of it. */
function source(
  pull: (controller: ReadableStreamDefaultController<Uint8Array>) => void | Promise<void>,
  cancel = () => {},
) {
  const seen = { pulls: 0, cancelled: false };
  const body = new ReadableStream<Uint8Array>(
    {
      pull: (controller) => {
        seen.pulls += 1;
        return pull(controller);
      },
      cancel: () => {
        seen.cancelled = true;
        return cancel();
      },
    },
    { highWaterMark: 0 },
  );
  return { body, seen };
}

/** One more piece of a body that never ends, as from a socket: other things happen in between. */
async function enqueueSoon(controller: ReadableStreamDefaultController<Uint8Array>): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
  controller.enqueue(new Uint8Array(256 * 1024));
}

const post = (body: unknown, more: Readonly<Record<string, string>> = {}, signal?: AbortSignal) =>
  webRequest("POST", body, { headers: { ...headers, ...more }, ...(signal ? { signal } : {}) });

async function errorOf(response: Response): Promise<{ status: number; code: number; message: string }> {
  const { error } = (await response.json()) as { error: { code: number; message: string } };
  return { status: response.status, ...error };
}

describe("A body that somebody else has read", () => {
  it.each([
    { what: "is used", use: async (request: Request) => void (await request.json()) },
    { what: "is locked", use: async (request: Request) => void request.body?.getReader() },
    {
      what: "is used in part, and not locked any more",
      use: async (request: Request) => {
        const reader = request.body?.getReader();
        await reader?.read();
        reader?.releaseLock();
      },
    },
    {
      what: "is locked by a branch",
      use: async (request: Request) => void request.body?.tee(),
    },
  ])("gets 500, and is told of parsedBody: it $what", async ({ use }) => {
    const request = post(ECHO);
    await use(request);
    const error = await errorOf(await served.handle(request));
    expect(error).toMatchObject({ status: 500, message: expect.stringContaining("parsedBody") });
  });

  it("is served by what was parsed, whatever has become of the body", async () => {
    const used = post(ECHO);
    const parsedBody = await used.json();
    expect(saidIn(await (await served.handle(used, { parsedBody })).text())).toEqual(["é語🙂"]);
    const unread = post("not looked at");
    expect(saidIn(await (await served.handle(unread, { parsedBody })).text())).toEqual(["é語🙂"]);
    expect(unread.bodyUsed).toBe(false);
    for (const nothing of [null, "", 0, []]) {
      const refused = await served.handle(post(ECHO), { parsedBody: nothing });
      expect(await errorOf(refused)).toMatchObject({ status: 400, code: -32600 });
    }
  });
});

describe("A body that is a stream", () => {
  it("is read whole, byte by byte", async () => {
    const bytes = [...bytesOf(ECHO)];
    const { body } = source((controller) => {
      const byte = bytes.shift();
      if (byte === undefined) controller.close();
      else controller.enqueue(Uint8Array.of(byte));
    });
    expect(saidIn(await (await served.handle(post(body))).text())).toEqual(["é語🙂"]);
  });

  it.each(["3", "99999999", "0", "-5", "1.5", "many", "", "0x10", " 7"])(
    "is read whole, or refused as too large, whatever Content-Length says of it: %j",
    async (length) => {
      const response = await served.handle(post(ECHO, { "content-length": length }));
      if (Number(length) > 10_000) expect((await errorOf(response)).status).toBe(413);
      else expect(saidIn(await response.text())).toEqual(["é語🙂"]);
    },
  );

  it.each([
    { what: "found to be too large", more: {} },
    { what: "announced as too large", more: { "content-length": "20000" } },
    { what: "encoded", more: { "content-encoding": "gzip" } },
  ])("G7 is not read for ever when it never ends: $what", async ({ more }) => {
    const { body, seen } = source(enqueueSoon);
    expect((await errorOf(await served.handle(post(body, more)))).status).toBeGreaterThanOrEqual(413);
    await expect.poll(() => seen.cancelled, { timeout: 3_000 }).toBe(true);
  });

  it.each([
    { what: "never ends", cancel: () => new Promise<void>(() => {}) },
    { what: "fails", cancel: () => Promise.reject(new Error("cannot be cancelled")) },
    {
      what: "throws",
      cancel: () => {
        throw new Error("cannot be cancelled");
      },
    },
  ])("G7 gets 413 though its source's own cancel $what", async ({ cancel }) => {
    for (const length of [undefined, "20000"]) {
      const { body } = source(enqueueSoon, cancel as () => void);
      const answering = served.handle(post(body, length === undefined ? {} : { "content-length": length }));
      expect((await errorOf(await answering)).status).toBe(413);
    }
  });

  it.each([0, 1, 3])(
    "that fails after %i pieces is a client that went away: nothing hangs",
    async (count) => {
      let left = count;
      const { body } = source((controller) => {
        left -= 1;
        if (left < 0) controller.error(new Error("connection reset"));
        else controller.enqueue(new Uint8Array(10));
      });
      const response = await served.handle(post(body));
      expect(response.ok).toBe(false);
      expect(await response.text()).toBe("");
      expect(served.endpoint.stats()).toMatchObject({ calls: 0, connections: 0 });
    },
  );

  it("that carries something else than bytes is not taken for something that it is not", async () => {
    const pieces = [JSON.stringify(ECHO)];
    const { body } = source((controller) => {
      const piece = pieces.shift();
      if (piece === undefined) controller.close();
      else controller.enqueue(piece as never);
    });
    const response = await served.handle(post(body));
    expect(response.ok).toBe(false);
  });

  it.each([
    { what: "before anything of it has come", pieces: 0 },
    { what: "after some of it has come", pieces: 2 },
  ])("G7 that never ends is let go of when its client goes away $what", async ({ pieces }) => {
    let left = pieces;
    const { body, seen } = source((controller) => {
      left -= 1;
      if (left >= 0) controller.enqueue(new Uint8Array(10));
    });
    const abort = new AbortController();
    const answering = served.handle(post(body, {}, abort.signal));
    await expect.poll(() => seen.pulls).toBe(pieces + 1);
    abort.abort();
    expect((await answering).ok).toBe(false);
    expect(served.endpoint.stats()).toMatchObject({ calls: 0, connections: 0 });
    // Whoever sends it is told that nobody reads it any more.
    await expect.poll(() => seen.cancelled).toBe(true);
  });
});
