/** Log levels, the least important first. */
export const LOG_LEVELS = [
  "debug",
  "info",
  "notice",
  "warning",
  "error",
  "critical",
  "alert",
  "emergency",
] as const;

export type LogLevel = (typeof LOG_LEVELS)[number];

/** What this server tells the client unasked. */
export type Notification =
  | { method: "notifications/message"; params: { level: LogLevel; logger: string; data: string } }
  | {
      method: "notifications/progress";
      params: { progressToken: string | number; progress: number; total: number };
    }
  | { method: "notifications/resources/updated"; params: { uri: string } };

/** A log message of this server. */
export function logMessage(level: LogLevel, data: string): Notification {
  return { method: "notifications/message", params: { level, logger: "everything", data } };
}
