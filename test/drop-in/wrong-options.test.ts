import { StreamableHTTPServerTransport, type StreamableHTTPServerTransportOptions } from "@durable-mcp/node";
import { WebStandardStreamableHTTPServerTransport } from "@durable-mcp/web";
import { describe, expect, it } from "vitest";

/** Options, and what the error says of them after the class's name. */
const WRONG: readonly (readonly [options: unknown, complaint: string])[] = [
  [{ sessionIdGenerator: "id" }, "options.sessionIdGenerator: expected a function"],
  [{ onsessioninitialized: {} }, "options.onsessioninitialized: expected a function"],
  [{ onsessionclosed: 1 }, "options.onsessionclosed: expected a function"],
  [{ principal: "ada" }, "options.principal: expected a function"],
  [{ eventStore: {} }, "options.eventStore: expected a store, or { storeEvent, replayEventsAfter }"],
  [
    { eventStore: { storeEvent() {} } },
    "options.eventStore: expected a store, or { storeEvent, replayEventsAfter }",
  ],
  [{ eventStore: "memory" }, "options.eventStore: expected a store, or { storeEvent, replayEventsAfter }"],
  [{ retryInterval: -1 }, "options.retryInterval: expected ms, >= 0"],
  [{ maxRequestBodySize: 0 }, "options.maxRequestBodySize: expected a positive number of bytes"],
  [{ idleTtlMs: 0 }, "options.idleTtlMs: expected an integer >= 1"],
  [{ sessionTtl: 1 }, "options.sessionTtl: unknown option"],
  [{ store: {} }, "options.store: unknown option"],
];

/** Options that are named, whatever zod says of them. */
const NAMED: readonly object[] = [
  { enableJsonResponse: "yes" },
  { allowedHosts: "localhost" },
  { allowedOrigins: [1] },
  { enableDnsRebindingProtection: 1 },
  { retryInterval: 1.5 },
  { keepAliveMs: "15s" },
  { maxRequestBodySize: "1mb" },
  { maxRequestBodySize: Number.NaN },
  { secondGet: "supercede" },
  { invalidMessages: "400" },
  { batches: true },
  { idleTtlMs: "1h" },
];

const CLASSES = [StreamableHTTPServerTransport, WebStandardStreamableHTTPServerTransport];

describe.each(CLASSES.map((Transport) => ({ name: Transport.name, Transport })))("$name", ({ Transport }) => {
  const construct = (options: unknown) => () =>
    new Transport(options as StreamableHTTPServerTransportOptions);

  describe("A wrong or unknown option is a TypeError that names it and says what was expected:", () => {
    it.each(WRONG)("%j", (options, complaint) => {
      expect(construct(options)).toThrow(new TypeError(`${Transport.name}: ${complaint}`));
    });

    it.each(NAMED)("%j", (options) => {
      const [name] = Object.keys(options);
      expect(construct(options)).toThrow(TypeError);
      expect(construct(options)).toThrow(`${Transport.name}: options.${name}`);
    });

    it("all of them at once", () => {
      expect(construct({ retryInterval: -1, idleTtl: 1 })).toThrow(
        /options\.retryInterval: .*; options\.idleTtl: unknown/,
      );
    });
  });

  it("An option that is undefined is one that is not given", () => {
    const names = [
      ...[
        "sessionIdGenerator",
        "onsessioninitialized",
        "onsessionclosed",
        "enableJsonResponse",
        "eventStore",
      ],
      ...["allowedHosts", "allowedOrigins", "enableDnsRebindingProtection", "retryInterval", "keepAliveMs"],
      ...["maxRequestBodySize", "secondGet", "invalidMessages", "batches", "idleTtlMs", "principal"],
    ];
    construct(Object.fromEntries(names.map((name) => [name, undefined])))();
    construct(undefined)();
  });

  it("What the SDK's class takes to disable keep-alive is taken", () => {
    for (const keepAliveMs of [0, -1, 0.5, Number.POSITIVE_INFINITY]) construct({ keepAliveMs })();
  });
});
