import { numberOf } from "../numbered-notification.js";
import type { Message } from "./mcp-session.js";
import type { SseEvent } from "./sse-parser.js";
import { WrongAnswer } from "./wrong-answer.js";

/**
 * Checks that events bring the notifications 0 to `count` - 1 and one response, each of them once.
 *
 * Returns: how many came after one that was sent later
 * Errors:  WrongAnswer if something is missing, doubled, or nobody's
 */
export function checkComplete(events: readonly SseEvent[], count: number): number {
  const seen = new Set<number>();
  const ids = new Set<string | undefined>();
  let latest = -1;
  let outOfOrder = 0;
  for (const { id, data } of events) {
    if (data === "") continue;
    const message = JSON.parse(data) as Message;
    // The response is what comes last.
    const n = message.result === undefined ? numberOf(message) : count;
    if (n === undefined || n > count || seen.has(n) || id === undefined || ids.has(id)) {
      throw new WrongAnswer(`each of ${count} notifications and a response once`, { id, data });
    }
    seen.add(n);
    ids.add(id);
    if (n < latest) outOfOrder += 1;
    latest = Math.max(latest, n);
  }
  if (seen.size !== count + 1) {
    throw new WrongAnswer(`${count} notifications and a response`, `${seen.size} messages`);
  }
  return outOfOrder;
}
