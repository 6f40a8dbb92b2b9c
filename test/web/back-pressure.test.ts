import { afterEach, describe, expect, it } from "vitest";
import { waitFor } from "../support/wait-for.js";
import { BodyReader, saidIn } from "./sse-body.js";
import { WebEndpoint } from "./web-endpoint.js";
import { toolCall, webRequest } from "./web-request.js";

const KiB = 1024;
const PAGE_BYTES = 64 * KiB;

let served: WebEndpoint;
afterEach(() => served.endpoint.close());

/** What a tool says: so many messages of so many characters, each of them different. */
const messages = (count: number, length: number) =>
  Array.from({ length: count }, (_, n) => `${n} `.padEnd(length, String.fromCharCode(97 + (n % 26))));

/** A call that says something, whose answer is read by the test. */
async function call(said: readonly string[]) {
  served = new WebEndpoint();
  const { headers, commanded } = await served.open();
  const response = await served.handle(webRequest("POST", toolCall(1), { headers }));
  const speaker = await commanded.call(1);
  let most = 0;
  /** Looks at what is held for the client. */
  const look = () => {
    most = Math.max(most, served.endpoint.stats().bufferedBytes);
  };
  const saying = (async () => {
    for (const text of said) {
      await speaker.notify(text);
      look();
    }
    speaker.finish("done");
    await waitFor("the answer to be stored", () => served.endpoint.stats().calls === 0);
    look();
  })();
  return { response, saying, look, most: () => most };
}

describe("G7 A consumer that does not read", { timeout: 60_000 }, () => {
  it.each([
    { count: 500, length: 100 * KiB, what: "50 MB in large messages" },
    { count: 50_000, length: 100, what: "5 MB in small ones" },
  ])(
    "costs at most 64 KiB, a page and a message, and gets everything when it reads: $what",
    async ({ count, length }) => {
      const said = messages(count, length);
      const { response, saying, look, most } = await call(said);
      await saying;
      const bound = 2 * PAGE_BYTES + length + KiB;
      expect(most()).toBeLessThanOrEqual(bound);
      expect(most()).toBeGreaterThan(0);
      const reader = new BodyReader(response);
      while (!reader.done) {
        await reader.read();
        look();
      }
      expect(most()).toBeLessThanOrEqual(bound);
      expect(saidIn(reader.text)).toEqual([...said, "done"]);
      expect(served.endpoint.stats()).toMatchObject({ connections: 0, bufferedBytes: 0 });
    },
  );

  it("is counted in bytes, not in characters", async () => {
    const { response, saying } = await call(["語".repeat(30 * KiB)]);
    await saying;
    const held = served.endpoint.stats().bufferedBytes;
    expect(held).toBeGreaterThan(90 * KiB);
    expect(held).toBeLessThan(91 * KiB);
    expect(Buffer.byteLength(await response.text())).toBeGreaterThanOrEqual(held);
    expect(served.endpoint.stats().bufferedBytes).toBe(0);
  });

  it("gets everything that is said meanwhile, when it reads, stops and reads again", async () => {
    const said = messages(300, 10 * KiB);
    const { response, saying, most } = await call(said);
    const reader = new BodyReader(response);
    for (const pieces of [1, 2, 5, 10]) {
      for (let n = 0; n < pieces; n += 1) await reader.read();
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    await saying;
    expect(saidIn(await reader.toEnd())).toEqual([...said, "done"]);
    expect(most()).toBeLessThanOrEqual(2 * PAGE_BYTES + 11 * KiB);
  });

  it("leaves nothing behind when it goes away, and the call is answered all the same", async () => {
    const { response, saying } = await call(messages(100, 10 * KiB));
    await waitFor("a full connection", () => served.endpoint.stats().bufferedBytes > PAGE_BYTES);
    await response.body?.cancel();
    await served.untilNothingIsLeft();
    await saying;
  });

  it("does not keep the others waiting", async () => {
    const { saying } = await call(messages(100, 10 * KiB));
    const { headers } = await served.open();
    const request = webRequest("POST", toolCall(2, "echo", { text: "at once" }), { headers });
    expect(saidIn(await (await served.handle(request)).text())).toEqual(["at once"]);
    await saying;
  });
});
