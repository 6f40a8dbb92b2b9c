import type { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import {
  type LoggingLevel,
  LoggingLevelSchema,
  type LoggingMessageNotification,
  SetLevelRequestSchema,
} from "@modelcontextprotocol/sdk/types.js";

const LEVELS = LoggingLevelSchema.options;

/** Sends one message for the client. */
export type SendLog = (notification: LoggingMessageNotification) => Promise<void>;

/** The log of one session: messages below the level that the client has set are not sent. */
export class SessionLog {
  #lowest: LoggingLevel = "debug";

  constructor({ server }: McpServer) {
    server.setRequestHandler(SetLevelRequestSchema, ({ params }) => {
      this.#lowest = params.level;
      return {};
    });
  }

  /** Logs by way of `send`: with a request's `sendNotification`, the message belongs to that request. */
  async log(send: SendLog, level: LoggingLevel, data: string): Promise<void> {
    if (LEVELS.indexOf(level) < LEVELS.indexOf(this.#lowest)) return;
    await send({ method: "notifications/message", params: { level, logger: "everything", data } });
  }
}
