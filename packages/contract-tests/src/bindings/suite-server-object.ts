import type { OnToolCall, ServerObject } from "./server-object.js";

interface Message {
  readonly id?: string | number;
  readonly method?: string;
  readonly params?: { readonly protocolVersion?: string };
}

interface Extra {
  readonly authInfo?: unknown;
  readonly requestInfo?: {
    readonly headers: Readonly<Record<string, unknown>>;
    readonly url?: URL | undefined;
  };
  closeSSEStream?: () => void;
}

/** The part of the SDKs' transport that is used here. */
interface Transport {
  onmessage?: (message: Message, extra?: Extra) => void;
  start(): Promise<void>;
  send(message: object, options?: { readonly relatedRequestId?: string | number }): Promise<void>;
  close(): Promise<void>;
}

const INFO = { name: "binding-suite", version: "1.0.0" };
const CAPABILITIES = { tools: {}, logging: {} };

/** The suite's own server object: JSON-RPC by hand, so that a binding can be tested without an SDK. */
export function createSuiteServerObject(onToolCall: OnToolCall): ServerObject {
  let transport: Transport | undefined;

  const answer = (id: string | number, outcome: object) =>
    transport?.send({ jsonrpc: "2.0", id, ...outcome }, { relatedRequestId: id });

  const call = async (id: string | number, extra: Extra) => {
    const { requestInfo } = extra;
    try {
      const text = await onToolCall({
        id,
        authInfo: extra.authInfo,
        url: requestInfo?.url?.href,
        header: (name) => requestInfo?.headers[name],
        notify: async (data) => transport?.send(log(data), { relatedRequestId: id }),
        closeConnection: () => extra.closeSSEStream?.(),
      });
      await answer(id, { result: { content: [{ type: "text", text }] } });
    } catch (error) {
      await answer(id, { error: { code: -32603, message: String(error) } });
    }
  };

  const receive = ({ id, method, params }: Message, extra: Extra = {}) => {
    if (id === undefined) return;
    switch (method) {
      case "initialize": {
        const { protocolVersion } = params ?? {};
        return answer(id, { result: { protocolVersion, capabilities: CAPABILITIES, serverInfo: INFO } });
      }
      case "ping":
        return answer(id, { result: {} });
      case "tools/call":
        return call(id, extra);
      default:
        return answer(id, { error: { code: -32601, message: "Method not found" } });
    }
  };

  return {
    server: {
      connect: async (connected: Transport) => {
        transport = connected;
        transport.onmessage = receive;
        await transport.start();
      },
      close: async () => transport?.close(),
    },
    notify: async (data) => transport?.send(log(data)),
  };
}

function log(data: string): object {
  return { jsonrpc: "2.0", method: "notifications/message", params: { level: "info", data } };
}
