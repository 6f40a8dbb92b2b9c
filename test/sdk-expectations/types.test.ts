import type { MessageExtra, ServerLike, ServerTransport } from "@durable-mcp/core";
import type { Server as ServerV1 } from "@modelcontextprotocol/sdk/server/index.js";
import type { McpServer as McpServerV1 } from "@modelcontextprotocol/sdk/server/mcp.js";
import type {
  TransportSendOptions as SendOptionsV1,
  Transport as TransportV1,
} from "@modelcontextprotocol/sdk/shared/transport.js";
import type { MessageExtraInfo as ExtraV1 } from "@modelcontextprotocol/sdk/types.js";
import type {
  MessageExtraInfo as ExtraV2,
  McpServer as McpServerV2,
  TransportSendOptions as SendOptionsV2,
  Server as ServerV2,
  Transport as TransportV2,
} from "@modelcontextprotocol/server";
import { expectTypeOf, test } from "vitest";

/** What the compiler has to say; it fails where the types of tests are checked, not where tests run. */

test("our transport is each SDK's transport", () => {
  expectTypeOf<ServerTransport>().toExtend<TransportV1>();
  expectTypeOf<ServerTransport>().toExtend<TransportV2>();
  expectTypeOf<Omit<ServerTransport, "send">>().not.toExtend<TransportV1>();
  expectTypeOf<Omit<ServerTransport, "send">>().not.toExtend<TransportV2>();
});

test("each SDK's servers are server objects of an endpoint", () => {
  expectTypeOf<ServerV1>().toExtend<ServerLike>();
  expectTypeOf<McpServerV1>().toExtend<ServerLike>();
  expectTypeOf<ServerV2>().toExtend<ServerLike>();
  expectTypeOf<McpServerV2>().toExtend<ServerLike>();
  // Methods are compared loosely: what they take is compared by itself.
  type Taken<Server extends ServerLike> = Parameters<Server["connect"]>[0];
  expectTypeOf<ServerTransport>().toExtend<Taken<ServerV1> & Taken<McpServerV1>>();
  expectTypeOf<ServerTransport>().toExtend<Taken<ServerV2> & Taken<McpServerV2>>();
  expectTypeOf<Omit<McpServerV2, "connect">>().not.toExtend<ServerLike>();
});

test("our transport reads nothing of the options of send but what both SDKs have", () => {
  type Ours = NonNullable<Parameters<ServerTransport["send"]>[1]>;
  expectTypeOf<keyof Ours>().toExtend<keyof SendOptionsV1 & keyof SendOptionsV2>();
  expectTypeOf<SendOptionsV1>().toExtend<Ours>();
  expectTypeOf<SendOptionsV2>().toExtend<Ours>();
});

/** But for `authInfo`, which is the application's; an undefined member means to the SDKs what a missing one means. */
test("what handlers are told of a request fits each SDK", () => {
  type Ours = Required<MessageExtra>;
  type Close = Ours["closeSSEStream"] | Ours["closeStandaloneSSEStream"];
  expectTypeOf<Close>().toExtend<ExtraV1["closeSSEStream"] & ExtraV1["closeStandaloneSSEStream"]>();
  expectTypeOf<Close>().toExtend<ExtraV2["closeSSEStream"] & ExtraV2["closeStandaloneSSEStream"]>();
  type RequestInfoV1 = NonNullable<ExtraV1["requestInfo"]>;
  expectTypeOf<Ours["requestInfo"]["headers"]>().toExtend<RequestInfoV1["headers"]>();
  expectTypeOf<Ours["requestInfo"]["url"]>().toExtend<RequestInfoV1["url"]>();
  expectTypeOf<Ours["request"]>().toExtend<ExtraV2["request"]>();
});

/** Members that a release adds fail here: somebody has to decide whether our transport needs them. */
test("the members that each SDK knows of a transport, of options and of extra", () => {
  type Common = "start" | "send" | "close" | "sessionId" | "onmessage" | "onclose" | "onerror";
  expectTypeOf<keyof TransportV1>().toEqualTypeOf<Common | "setProtocolVersion">();
  expectTypeOf<keyof TransportV2>().toEqualTypeOf<
    Common | "setProtocolVersion" | "setSupportedProtocolVersions" | "hasPerRequestStream"
  >();

  type Resumption = "resumptionToken" | "onresumptiontoken";
  expectTypeOf<keyof SendOptionsV1>().toEqualTypeOf<"relatedRequestId" | Resumption>();
  expectTypeOf<keyof SendOptionsV2>().toEqualTypeOf<
    "relatedRequestId" | Resumption | "requestSignal" | "onRequestStreamEnd" | "headers"
  >();

  type Closing = "closeSSEStream" | "closeStandaloneSSEStream";
  expectTypeOf<keyof ExtraV1>().toEqualTypeOf<"authInfo" | Closing | "requestInfo">();
  expectTypeOf<keyof ExtraV2>().toEqualTypeOf<"authInfo" | Closing | "request" | "classification">();
});
