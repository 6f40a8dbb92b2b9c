/** A tool call that a server object carries out, whichever SDK it is made with. */
export interface ToolCall {
  /** JSON-RPC id of the request. */
  readonly id: string | number;
  /** What handlers are told of the caller. */
  readonly authInfo: unknown;
  /** URL of the HTTP request that carried the call. */
  readonly url: string | undefined;
  /** A header of that request; `name` in lower case. */
  header(name: string): unknown;
  /** Sends `notifications/message` with this data, on the stream of the call. */
  notify(data: string): Promise<void>;
  /** Ends the connection, not the stream, that waits for the answer. */
  closeConnection(): void;
}

/** Carries a call out. Returns: text of its result */
export type OnToolCall = (call: ToolCall) => Promise<string>;

/** The MCP server object of one session, as both official SDKs make them. */
export interface ServerLike {
  // biome-ignore lint/suspicious/noExplicitAny: the transports of both SDKs and of the endpoint must fit
  connect(transport: any): Promise<void>;
  close(): Promise<void>;
}

/** A server object that has tools and logging. */
export interface ServerObject {
  readonly server: ServerLike;
  /** Sends `notifications/message` with this data, on the GET stream. */
  notify(data: string): Promise<void>;
}

/** Makes a server object. Every `tools/call` goes to `onToolCall`, whatever the tool's name is. */
export type CreateServerObject = (onToolCall: OnToolCall) => ServerObject;
