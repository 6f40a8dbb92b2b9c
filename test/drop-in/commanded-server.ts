import { Server } from "@modelcontextprotocol/sdk/server/index.js";
import {
  CallToolRequestSchema,
  ListToolsRequestSchema,
  McpError,
  SubscribeRequestSchema,
} from "@modelcontextprotocol/sdk/types.js";
import { waitFor } from "../support/wait-for.js";

type Extra = Parameters<Parameters<Server["setRequestHandler"]>[1]>[1];

/** A tool call that does what the test tells it to. */
export class CommandedCall {
  readonly extra: Extra;
  readonly outcome: Promise<string>;
  #finish: (text: string) => void = () => {};
  #fail: (error: Error) => void = () => {};

  constructor(extra: Extra) {
    this.extra = extra;
    this.outcome = new Promise((resolve, reject) => {
      this.#finish = resolve;
      this.#fail = reject;
    });
  }

  /** Sends a notification that belongs to the call. */
  notify(data: string): Promise<void> {
    return this.extra.sendNotification({ method: "notifications/message", params: { level: "info", data } });
  }

  /** Reports progress, to a client that has asked for it. */
  progress(progress: number): Promise<void> {
    const progressToken = this.extra._meta?.progressToken ?? "nobody";
    return this.extra.sendNotification({
      method: "notifications/progress",
      params: { progressToken, progress },
    });
  }

  /** Ends the call with a result. */
  finish(text: string): void {
    this.#finish(text);
  }

  /** Ends the call with a JSON-RPC error. */
  fail(text: string): void {
    this.#fail(new McpError(-32050, text));
  }
}

/** A server object of the official SDK. `echo` answers at once, `work` waits for the test's commands. */
export class CommandedServer {
  readonly server: Server;
  /** Calls of `work`, in the order of their dispatch. */
  readonly calls: CommandedCall[] = [];
  readonly subscriptions: string[] = [];

  constructor() {
    const capabilities = { tools: { listChanged: true }, resources: { subscribe: true }, logging: {} };
    this.server = new Server({ name: "commanded", version: "1.0.0" }, { capabilities });
    this.server.setRequestHandler(SubscribeRequestSchema, ({ params }) => {
      this.subscriptions.push(params.uri);
      return {};
    });
    this.server.setRequestHandler(ListToolsRequestSchema, () => ({
      tools: ["echo", "work"].map((name) => ({ name, inputSchema: { type: "object" as const } })),
    }));
    this.server.setRequestHandler(CallToolRequestSchema, async ({ params }, extra) => {
      if (params.name === "echo") return textResult(String(params.arguments?.text));
      const call = new CommandedCall(extra);
      this.calls.push(call);
      return textResult(await call.outcome);
    });
  }

  /** Sends a message on the GET stream. */
  say(data: string): Promise<void> {
    return this.server.notification({ method: "notifications/message", params: { level: "info", data } });
  }

  /** The call that is dispatched as number `n`, from 1. */
  call(n: number): Promise<CommandedCall> {
    return waitFor(`call ${n}`, () => this.calls[n - 1]);
  }
}

function textResult(text: string) {
  return { content: [{ type: "text" as const, text }] };
}
