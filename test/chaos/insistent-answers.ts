import { setTimeout as pause } from "node:timers/promises";
import type { FetchLike } from "@modelcontextprotocol/sdk/shared/transport.js";

const INTERVAL_MS = 100;

/**
 * The same `fetch`, which sends an answer to a server's question again until it has arrived. The official client sends it once, and
 * the server's call waits for it; to send it twice does no harm.
 */
export function insistOnAnswers(fetch: FetchLike): FetchLike {
  return async (input, init) => {
    if (!isAnswer(init?.body)) return fetch(input, init);
    for (;;) {
      try {
        const response = await fetch(input, init);
        if (response.status !== 503) return response;
        await response.body?.cancel();
      } catch (error) {
        if (init?.signal?.aborted) throw error;
      }
      await pause(INTERVAL_MS);
    }
  };
}

function isAnswer(body: unknown): boolean {
  return typeof body === "string" && !("method" in JSON.parse(body));
}
