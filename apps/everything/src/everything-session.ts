import { LOG_LEVELS, type LogLevel, logMessage, type Notification } from "./notification.js";

/** Takes one message for the client. */
export type Notify = (notification: Notification) => Promise<void>;

/** What the server object of one session remembers, whichever SDK it is of, and how it speaks of its own accord. */
export class EverythingSession {
  /** URIs that the client has subscribed to. */
  readonly subscriptions = new Set<string>();
  /** Sends a message that belongs to no request. */
  readonly notify: Notify;
  /** Messages below it are not sent. */
  logLevel: LogLevel = "debug";

  constructor(notify: Notify) {
    this.notify = notify;
  }

  /** Logs by way of `notify`: with a call's own, the message belongs to that call. */
  async log(notify: Notify, level: LogLevel, data: string): Promise<void> {
    if (LOG_LEVELS.indexOf(level) >= LOG_LEVELS.indexOf(this.logLevel)) await notify(logMessage(level, data));
  }

  /** Whoever subscribes puts a message on the session's GET stream. */
  async subscribe(uri: string): Promise<void> {
    this.subscriptions.add(uri);
    await this.notify(logMessage("info", `subscribed: ${uri}`));
  }
}
