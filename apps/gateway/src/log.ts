/** What a log line may say beside its event. Never headers, environment, arguments or whole session ids. */
export type LogFields = Readonly<Record<string, unknown>>;

/** The gateway's log: one JSON line per event. */
export interface Log {
  info(event: string, fields?: LogFields): void;
  warn(event: string, fields?: LogFields): void;
  error(event: string, fields?: LogFields): void;
}

const MAX_TEXT = 500;

/** Writes `{ time, level, event, ...fields }`, one line each, to standard error unless told otherwise. */
export function createLog(write: (line: string) => void = (line) => process.stderr.write(line)): Log {
  const at = (level: string) => (event: string, fields?: LogFields) => {
    write(`${JSON.stringify({ time: new Date().toISOString(), level, event, ...fields }, shorten)}\n`);
  };
  return { info: at("info"), warn: at("warn"), error: at("error") };
}

/** The part of a session id that tells sessions apart in a log; the whole of it would let its reader in. */
export function sessionLabel(sessionId: string): string {
  return sessionId.slice(0, 8);
}

function shorten(_key: string, value: unknown): unknown {
  if (value instanceof Error) return shorten("", value.message);
  return typeof value === "string" && value.length > MAX_TEXT ? `${value.slice(0, MAX_TEXT)}…` : value;
}
