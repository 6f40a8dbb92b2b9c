import type { JsonRpcMessage } from "@durable-mcp/core";
import { watched } from "./watched.js";

export interface Sent {
  // biome-ignore lint/suspicious/noExplicitAny: tests look into whatever the server object sent
  readonly message: any;
  readonly options: Readonly<Record<string, unknown>> | undefined;
}

/**
 * The transport's seam: does nothing by itself, has every member that an SDK is known to look for, and notes what is
 * done with it.
 */
export class RecordingTransport {
  sessionId = "the-session";
  hasPerRequestStream: boolean | undefined;
  onmessage?: (message: unknown, extra?: unknown) => void;
  onclose?: () => void;
  onerror?: (error: Error) => void;

  readonly sent: Sent[] = [];
  /** Calls of methods other than `send`, in order. */
  readonly calls: string[] = [];
  /** What `setSupportedProtocolVersions` and `setProtocolVersion` were told. */
  readonly told: unknown[] = [];
  /** Members that were read or set since `forget`. */
  readonly touched = new Set<string>();
  /** Makes `send` fail. */
  failure: Error | undefined;
  /** The same transport as a server object is given it, for `touched`. */
  readonly watched = watched(this, this.touched);

  start = async (): Promise<void> => {
    this.calls.push("start");
  };

  send = async (message: JsonRpcMessage, options?: Sent["options"]): Promise<void> => {
    this.sent.push({ message, options });
    if (this.failure) throw this.failure;
  };

  close = async (): Promise<void> => {
    this.calls.push("close");
    this.onclose?.();
  };

  setSupportedProtocolVersions = (versions: string[]) => void this.told.push(versions);
  setProtocolVersion = (version: string) => void this.told.push(version);
  setScopeChallengeResolver = () => void this.calls.push("setScopeChallengeResolver");

  /** Hands a message to the server object, and lets it do what it does of its own accord. */
  async receive(message: object, extra?: unknown): Promise<void> {
    this.onmessage?.({ jsonrpc: "2.0", ...message }, extra);
    await turn();
  }

  /** Opens the session as a client would. */
  async initialize(capabilities: object = {}, protocolVersion = "2025-11-25"): Promise<void> {
    const params = { protocolVersion, capabilities, clientInfo: { name: "client", version: "1" } };
    await this.receive({ id: "init", method: "initialize", params });
    await this.receive({ method: "notifications/initialized" });
  }

  /** Calls the tool of the server object. */
  call(id: string | number, extra?: unknown): Promise<void> {
    return this.receive({ id, method: "tools/call", params: { name: "tool", arguments: {} } }, extra);
  }

  /** What was sent, forgotten as soon as it is told; so are the members that were touched. */
  forget(): readonly Sent[] {
    this.touched.clear();
    return this.sent.splice(0);
  }
}

/** Every step that a server object takes by itself is a microtask: after one turn of the event loop all are done. */
export function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
