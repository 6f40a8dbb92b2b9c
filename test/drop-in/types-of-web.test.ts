import {
  WebStandardStreamableHTTPServerTransport,
  type WebStandardStreamableHTTPServerTransportOptions,
} from "@durable-mcp/web";
import type { AuthInfo } from "@modelcontextprotocol/sdk/server/auth/types.js";
import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import type {
  EventStore,
  HandleRequestOptions,
  WebStandardStreamableHTTPServerTransport as SdkClass,
  WebStandardStreamableHTTPServerTransportOptions as SdkOptions,
} from "@modelcontextprotocol/sdk/server/webStandardStreamableHttp.js";
import type { Transport } from "@modelcontextprotocol/sdk/shared/transport.js";
import * as v2 from "@modelcontextprotocol/server";
import { describe, expectTypeOf, it } from "vitest";
import type { PublicOf, WebTransportClass } from "./transport-classes.js";

type Ours = WebStandardStreamableHTTPServerTransport;
type OurOptions = WebStandardStreamableHTTPServerTransportOptions;
type SdkClassOfV2 = v2.WebStandardStreamableHTTPServerTransport;
type SdkOptionsOfV2 = v2.WebStandardStreamableHTTPServerTransportOptions;

/** SDK v2 lets servers speak fewer revisions, by an option and by a method that its `connect` calls if it is there. */
type NotOurs = "supportedProtocolVersions" | "setSupportedProtocolVersions";

// Checked by the compiler (`pnpm types`); running them shows only that connecting needs nothing else.
describe("Changing the import of the web-standard class is the whole migration, for the compiler too", () => {
  it("our class has every public member of the SDKs', with types that fit", () => {
    expectTypeOf<Ours>().toExtend<PublicOf<SdkClass>>();
    expectTypeOf<keyof SdkClass>().toExtend<keyof Ours>();
    expectTypeOf(WebStandardStreamableHTTPServerTransport).toExtend<WebTransportClass>();
    expectTypeOf<Ours>().toExtend<PublicOf<Omit<SdkClassOfV2, NotOurs>>>();
    expectTypeOf<Exclude<keyof SdkClassOfV2, NotOurs>>().toExtend<keyof Ours>();
  });

  it("takes the SDKs' options, each with the SDK's type", () => {
    expectTypeOf<SdkOptions>().toExtend<OurOptions>();
    expectTypeOf<keyof SdkOptions>().toExtend<keyof OurOptions>();
    expectTypeOf<Omit<SdkOptionsOfV2, NotOurs>>().toExtend<OurOptions>();
    expectTypeOf<Exclude<keyof SdkOptionsOfV2, NotOurs>>().toExtend<keyof OurOptions>();
    expectTypeOf<Record<never, never>>().toExtend<OurOptions>();
    expectTypeOf<EventStore | v2.EventStore>().toExtend<NonNullable<OurOptions["eventStore"]>>();
  });

  it("takes a request and what is known of it, and answers with a response", () => {
    expectTypeOf<Ours["handleRequest"]>().parameter(0).toEqualTypeOf<Request>();
    expectTypeOf<Ours["handleRequest"]>().returns.toEqualTypeOf<Promise<Response>>();
    type Facts = NonNullable<Parameters<Ours["handleRequest"]>[1]>;
    expectTypeOf<HandleRequestOptions>().toExtend<Facts>();
    expectTypeOf<NonNullable<Parameters<SdkClassOfV2["handleRequest"]>[1]>>().toExtend<Facts>();
    // What an optional authentication has found out, or not.
    expectTypeOf<{ authInfo: AuthInfo | undefined; parsedBody: unknown }>().toExtend<Facts>();
  });

  it("is a Transport of both SDKs, and connects to their servers without a cast", async () => {
    expectTypeOf<Ours>().toExtend<Transport>();
    expectTypeOf<Ours>().toExtend<v2.Transport>();
    const info = { name: "typed", version: "1.0.0" };
    for (const server of [new McpServer(info), new v2.McpServer(info), new v2.Server(info)]) {
      const transport = new WebStandardStreamableHTTPServerTransport({ sessionIdGenerator: () => "one" });
      await server.connect(transport);
      await server.close();
    }
    await new McpServer(info).server.connect(new WebStandardStreamableHTTPServerTransport());
  });

  it("has the callbacks of the SDK's class, to be set and read", () => {
    expectTypeOf<Ours["onclose"]>().toEqualTypeOf<SdkClass["onclose"]>();
    expectTypeOf<Ours["onerror"]>().toEqualTypeOf<SdkClass["onerror"]>();
    expectTypeOf<Ours["sessionId"]>().toEqualTypeOf<SdkClass["sessionId"]>();
    expectTypeOf<SdkClass["onmessage"]>().toExtend<Ours["onmessage"]>();
    expectTypeOf<Ours["onmessage"]>().toExtend<SdkClass["onmessage"]>();
  });
});
