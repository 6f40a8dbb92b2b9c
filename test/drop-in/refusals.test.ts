import { afterEach, describe, expect, it } from "vitest";
import { answerTo, answerToBytes, initialize, ping } from "./ask.js";
import { hosts, origins, REFUSALS } from "./refusals-of-both.js";
import { ServedTransport } from "./served-transport.js";
import { ALL_CLASSES } from "./transport-classes.js";

let served: ServedTransport;
afterEach(() => served.stop());

describe.each(ALL_CLASSES)("$name refuses, and tells onerror once,", ({ Transport }) => {
  it.each(REFUSALS)("when $when: $answer", async ({ options, before, request, answer }) => {
    served = await ServedTransport.start(Transport, options);
    const session = before ? { headers: {} } : await served.open();
    expect(served.errors).toEqual([]);
    const headers = { ...session.headers, ...request.headers };
    expect(await answerTo(served.url, { ...request, headers })).toBe(answer);
    expect(served.errors.length).toBe(1);
    // Nothing of it has changed the transport.
    if (!before)
      expect(await answerTo(served.url, { method: "POST", headers: session.headers, body: ping(1) })).toBe(
        "stream",
      );
    else if (!options) await served.open();
  });

  it("when the body is no JSON: 400 -32700", async () => {
    served = await ServedTransport.start(Transport);
    const { headers } = await served.open();
    for (const text of ["", "{", "undefined"]) {
      expect(await answerToBytes(served.url, headers, text)).toBe("400 -32700 id=null");
    }
    expect(served.errors.length).toBe(3);
  });

  it("when a second initialize comes: 400 -32600", async () => {
    served = await ServedTransport.start(Transport);
    const { headers } = await served.open();
    for (const one of [{}, headers]) {
      const answer = await answerTo(served.url, { method: "POST", headers: one, body: initialize() });
      expect(answer).toMatch(/^400 -32600 /);
    }
    expect(served.errors.length).toBe(2);
  });

  it("but neither an allowed Host and Origin, nor a request without an Origin, nor anything unless told to protect", async () => {
    const both = { ...origins, ...hosts };
    for (const options of [both, { ...both, enableDnsRebindingProtection: false }]) {
      const asked =
        options === both ? ["https://good.example", undefined] : ["https://evil.example", undefined];
      for (const origin of asked) {
        served = await ServedTransport.start(Transport, options);
        const host = options === both ? "good.example:80" : "evil.example";
        const headers = { host, ...(origin === undefined ? {} : { origin }) };
        expect(await answerTo(served.url, { method: "POST", headers, body: initialize() })).toBe("stream");
        expect(served.errors).toEqual([]);
        await served.stop();
      }
    }
  });
});
