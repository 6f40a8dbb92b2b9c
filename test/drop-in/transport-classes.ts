import { StreamableHTTPServerTransport as OurClass } from "@durable-mcp/node";
import { WebStandardStreamableHTTPServerTransport as OurWebClass } from "@durable-mcp/web";
import {
  StreamableHTTPServerTransport as SdkClass,
  type StreamableHTTPServerTransportOptions as SdkOptions,
} from "@modelcontextprotocol/sdk/server/streamableHttp.js";
import {
  WebStandardStreamableHTTPServerTransport as SdkWebClass,
  type WebStandardStreamableHTTPServerTransportOptions as SdkWebOptions,
} from "@modelcontextprotocol/sdk/server/webStandardStreamableHttp.js";
import { onNode } from "./web-class-on-node.js";

/**
 * What applications can use of a class: everything but its private members, which make each class a type of its own.
 * What may be missing may be undefined.
 */
export type PublicOf<T> = {
  [Member in keyof T]: Record<never, never> extends Pick<T, Member> ? T[Member] | undefined : T[Member];
};

export type AnyTransport = PublicOf<SdkClass>;
export type AnyWebTransport = PublicOf<SdkWebClass>;

/** The SDK's class or ours: one is written in place of the other. */
export type TransportClass = new (options?: SdkOptions) => AnyTransport;
export type WebTransportClass = new (options?: SdkWebOptions) => AnyWebTransport;

export const SDK: TransportClass = SdkClass;
export const OURS: TransportClass = OurClass;
export const SDK_WEB: WebTransportClass = SdkWebClass;
export const OUR_WEB: WebTransportClass = OurWebClass;

/** The two classes of each kind, as node:http serves them. */
export const KINDS = [
  { kind: "class", sdk: SDK, ours: OURS },
  { kind: "web class", sdk: onNode(SDK_WEB), ours: onNode(OUR_WEB) },
] as const;

/** Ours alone, for tables of what only they promise. */
export const OUR_CLASSES = KINDS.map(({ kind, ours }) => ({ name: `our ${kind}`, Transport: ours }));

/** The SDK's classes and ours, for tables of what must be the same. */
export const ALL_CLASSES = KINDS.flatMap(({ kind, sdk, ours }) => [
  { name: `the SDK's ${kind}`, Transport: sdk },
  { name: `our ${kind}`, Transport: ours },
]);
