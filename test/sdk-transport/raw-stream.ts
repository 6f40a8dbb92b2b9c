import { waitFor } from "../support/wait-for.js";

/** One HTTP answer of a session, read as text while it comes. */
export interface RawStream {
  readonly status: number;
  /** What has come so far. */
  text(): string;
  /** The id of the first event that has come. */
  firstEventId(): Promise<string>;
  /** Resolves when the server has ended it. */
  readonly ended: Promise<void>;
  close(): void;
}

/** Asks as a client on 2025-11-25 does: a GET from an event id on, or a POST of a call. */
export async function openRaw(
  url: string,
  session: string,
  ask: { readonly lastEventId: string } | { readonly tool: string },
): Promise<RawStream> {
  const aborting = new AbortController();
  const headers = {
    accept: "application/json, text/event-stream",
    "mcp-session-id": session,
    "mcp-protocol-version": "2025-11-25",
  };
  const call =
    "tool" in ask &&
    JSON.stringify({ jsonrpc: "2.0", id: 77, method: "tools/call", params: { name: ask.tool } });
  const response = await fetch(url, {
    signal: aborting.signal,
    ...(call
      ? { method: "POST", body: call, headers: { ...headers, "content-type": "application/json" } }
      : { headers: { ...headers, "last-event-id": "lastEventId" in ask ? ask.lastEventId : "" } }),
  });
  let text = "";
  const read = async () => {
    const decoder = new TextDecoder();
    for await (const chunk of response.body ?? []) text += decoder.decode(chunk, { stream: true });
  };
  const ended = read().catch(() => {});
  return {
    status: response.status,
    text: () => text,
    firstEventId: () => waitFor("an event id", () => /^id: (\S+)$/m.exec(text)?.[1]),
    ended,
    close: () => aborting.abort(),
  };
}
