import {
  fromSdkEventStore,
  type SdkEventStore,
  StreamableHTTPServerTransport,
  type StreamableHTTPServerTransportOptions,
} from "@durable-mcp/node";
import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import type {
  EventStore,
  StreamableHTTPServerTransport as SdkClass,
  StreamableHTTPServerTransportOptions as SdkOptions,
} from "@modelcontextprotocol/sdk/server/streamableHttp.js";
import type { Transport } from "@modelcontextprotocol/sdk/shared/transport.js";
import * as v2 from "@modelcontextprotocol/server";
import { describe, expectTypeOf, it } from "vitest";
import type { PublicOf, TransportClass } from "./transport-classes.js";

type Ours = StreamableHTTPServerTransport;

// Checked by the compiler (`pnpm types`); running them shows only that connecting needs nothing else.
describe("Changing the import is the whole migration, for the compiler too", () => {
  it("our class has every public member of the SDK's, with types that fit", () => {
    expectTypeOf<Ours>().toExtend<PublicOf<SdkClass>>();
    expectTypeOf<keyof SdkClass>().toExtend<keyof Ours>();
    expectTypeOf(StreamableHTTPServerTransport).toExtend<TransportClass>();
  });

  it("takes the SDK's options, each with the SDK's type", () => {
    expectTypeOf<SdkOptions>().toExtend<StreamableHTTPServerTransportOptions>();
    expectTypeOf<SdkOptions>().toExtend<
      NonNullable<ConstructorParameters<typeof StreamableHTTPServerTransport>[0]>
    >();
    // No required option of its own.
    expectTypeOf<Record<never, never>>().toExtend<StreamableHTTPServerTransportOptions>();
  });

  it("takes the event stores of both SDKs, and fromSdkEventStore does", () => {
    expectTypeOf<EventStore>().toExtend<SdkEventStore>();
    expectTypeOf<v2.EventStore>().toExtend<SdkEventStore>();
    expectTypeOf<EventStore>().toExtend<Parameters<typeof fromSdkEventStore>[0]>();
    expectTypeOf<v2.EventStore>().toExtend<Parameters<typeof fromSdkEventStore>[0]>();
    expectTypeOf<EventStore | v2.EventStore>().toExtend<
      NonNullable<StreamableHTTPServerTransportOptions["eventStore"]>
    >();
    expectTypeOf(fromSdkEventStore).returns.toExtend<
      NonNullable<StreamableHTTPServerTransportOptions["eventStore"]>
    >();
  });

  it("is a Transport of both SDKs, and connects to their servers without a cast", async () => {
    expectTypeOf<Ours>().toExtend<Transport>();
    expectTypeOf<Ours>().toExtend<v2.Transport>();
    const info = { name: "typed", version: "1.0.0" };
    for (const server of [new McpServer(info), new v2.McpServer(info), new v2.Server(info)]) {
      const transport = new StreamableHTTPServerTransport({ sessionIdGenerator: () => "one" });
      await server.connect(transport);
      await server.close();
    }
    await new McpServer(info).server.connect(new StreamableHTTPServerTransport());
  });

  it("has the callbacks of the SDK's class, to be set and read", () => {
    expectTypeOf<Ours["onclose"]>().toEqualTypeOf<SdkClass["onclose"]>();
    expectTypeOf<Ours["onerror"]>().toEqualTypeOf<SdkClass["onerror"]>();
    expectTypeOf<Ours["sessionId"]>().toEqualTypeOf<SdkClass["sessionId"]>();
    expectTypeOf<SdkClass["onmessage"]>().toExtend<Ours["onmessage"]>();
    expectTypeOf<Ours["onmessage"]>().toExtend<SdkClass["onmessage"]>();
  });
});
