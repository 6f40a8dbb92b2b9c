import { StreamableHTTPServerTransport as OurClass } from "@durable-mcp/node";
import {
  StreamableHTTPServerTransport as SdkClass,
  type StreamableHTTPServerTransportOptions as SdkOptions,
} from "@modelcontextprotocol/sdk/server/streamableHttp.js";

/** What applications can use of a class: everything but its private members, which make each class a type of its own. */
export type PublicOf<T> = { [Member in keyof T]: T[Member] };

export type AnyTransport = PublicOf<SdkClass>;

/** The SDK's class or ours: one is written in place of the other. */
export type TransportClass = new (options?: SdkOptions) => AnyTransport;

export const SDK: TransportClass = SdkClass;
export const OURS: TransportClass = OurClass;

/** Both, for tables of what must be the same. */
export const BOTH_CLASSES = [
  { name: "the SDK's class", Transport: SDK },
  { name: "our class", Transport: OURS },
] as const;
