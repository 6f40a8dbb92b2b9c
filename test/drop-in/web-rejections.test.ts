import { describe, expect, it } from "vitest";
import { initialize, ping } from "./ask.js";
import { CommandedServer } from "./commanded-server.js";
import { OUR_WEB, SDK_WEB, type WebTransportClass } from "./transport-classes.js";

type Options = ConstructorParameters<WebTransportClass>[0];

const request = (method: string, body?: unknown, headers: Readonly<Record<string, string>> = {}) =>
  new Request("http://mcp.example/mcp", {
    method,
    headers: {
      accept: "application/json, text/event-stream",
      "content-type": "application/json",
      ...headers,
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });

/** What `handleRequest` of the SDK's web class rejects with, behind which there is no application that catches. */
const REJECTIONS: readonly { readonly when: string; readonly options: Options; ask(id: string): Request }[] =
  [
    {
      when: "a stateless transport is used again",
      options: {},
      ask: () => request("POST", ping(1)),
    },
    {
      when: "onsessionclosed throws",
      options: {
        sessionIdGenerator: () => crypto.randomUUID(),
        onsessionclosed: () => {
          throw new Error("the application's fault");
        },
      },
      ask: (id) => request("DELETE", undefined, { "mcp-session-id": id }),
    },
  ];

describe.each(REJECTIONS)(
  "Where the SDK's web class rejects and ours answers with 500: $when",
  ({ options, ask }) => {
    const handle = async (Transport: WebTransportClass) => {
      const transport = new Transport(options);
      await new CommandedServer().server.connect(transport);
      const opening = await transport.handleRequest(request("POST", initialize()));
      await opening.text();
      const asking = transport.handleRequest(ask(opening.headers.get("mcp-session-id") ?? ""));
      return asking.then(
        ({ status }) => `answers ${status}`,
        () => "rejects",
      );
    };

    it("the SDK's web class: rejects", async () => {
      expect(await handle(SDK_WEB)).toBe("rejects");
    });

    it("our web class: answers 500", async () => {
      expect(await handle(OUR_WEB)).toBe("answers 500");
    });
  },
);
