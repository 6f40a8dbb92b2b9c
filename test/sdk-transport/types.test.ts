import { toSdkEventStore } from "@durable-mcp/sdk-event-store";
import { createMemoryStore } from "@durable-mcp/store-memory";
import { StreamableHTTPServerTransport } from "@modelcontextprotocol/sdk/server/streamableHttp.js";
import { WebStandardStreamableHTTPServerTransport } from "@modelcontextprotocol/server";
import { expect, it } from "vitest";

it("the transports of both SDKs take what toSdkEventStore makes, without a cast", async () => {
  const eventStore = toSdkEventStore(createMemoryStore(), { sessionId: "typed" });
  for (const Transport of [StreamableHTTPServerTransport, WebStandardStreamableHTTPServerTransport]) {
    expect(new Transport({ eventStore, sessionIdGenerator: () => "typed" })).toBeInstanceOf(Transport);
  }
});
