/** Characters of text in a notification. */
const LENGTH = 200;

/** Notification number `n` of a stream, from 0. */
export function numbered(n: number) {
  const data = `${n} `.padEnd(LENGTH, "y");
  return { method: "notifications/message", params: { level: "info", data } } as const;
}

/** The number of a notification; undefined if it is none of those. */
export function numberOf(message: {
  readonly method?: string;
  readonly params?: { readonly data?: unknown };
}): number | undefined {
  const n = Number.parseInt(String(message.params?.data), 10);
  const isOurs =
    message.method === "notifications/message" && message.params?.data === numbered(n).params.data;
  return isOurs ? n : undefined;
}
