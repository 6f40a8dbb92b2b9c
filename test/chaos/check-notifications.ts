import type { WireMessage } from "../support/recorded-stream.js";
import type { CallRecord, SessionRecord } from "./records.js";
import type { Violation } from "./violation.js";

/**
 * The GET stream: what was said with success comes once and in that order, what was said without comes at most once.
 * What could not be stored may be missing if the client is told that lists have changed (G1, G2, G8).
 */
export function checkNotifications({ mark, calls, others }: SessionRecord): readonly Violation[] {
  const violations: Violation[] = [];
  const violated = (sentence: string, of = mark) => violations.push({ sentence, of });
  const told = others.map(({ message, atMs }) => ({ message, atMs, text: textOf(message) }));
  const says = calls.filter(({ sent }) => sent.kind === "say");
  const positions = new Map<string, number>();
  for (const [index, { text }] of told.entries()) {
    if (text === undefined) continue;
    if (positions.has(text)) violated(`Session ${mark} was told twice: ${text}`, text);
    positions.set(text, index);
  }

  const isMadeUpFor = ({ sent }: CallRecord) =>
    told.some(({ message, atMs }) => message.method?.endsWith("/list_changed") && atMs >= sent.atMs);
  let last = -1;
  for (const call of says.filter(hasResult)) {
    const position = positions.get(call.sent.call);
    if (position === undefined) {
      if (!isMadeUpFor(call)) violated(`Session ${mark} was never told: ${call.sent.call}`, call.sent.call);
    } else if (position < last) {
      violated(`Session ${mark} was told out of order: ${call.sent.call}`, call.sent.call);
    } else last = position;
  }
  return [...violations, ...checkUpdates(mark, calls, told), ...checkCancellations(mark, others)];
}

/** A log message on the GET stream. */
function textOf({ method, params }: WireMessage): string | undefined {
  return method === "notifications/message" ? String(params?.data) : undefined;
}

/** An update carries nothing but the fact: the last one must be heard of, and none be invented. */
function checkUpdates(
  mark: string,
  calls: readonly CallRecord[],
  told: readonly { readonly message: WireMessage; readonly atMs: number }[],
): readonly Violation[] {
  const asked = calls.filter(({ sent }) => sent.kind === "update");
  const updates = told.filter(({ message }) => message.method === "notifications/resources/updated");
  const isMadeUp = told.some(({ message }) => message.method?.endsWith("/list_changed"));
  const last = asked.filter(hasResult).at(-1);
  const violations: Violation[] = [];
  if (last && !updates.some(({ atMs }) => atMs >= last.sent.atMs))
    violations.push({ sentence: `Session ${mark} never heard of its last update.`, of: last.sent.call });
  if (updates.length > asked.length && !isMadeUp)
    violations.push({
      sentence: `Session ${mark} heard of ${updates.length} updates; there were ${asked.length}.`,
      of: mark,
    });
  return violations;
}

/** A question that nobody waits for any more is taken back once. */
function checkCancellations(mark: string, others: SessionRecord["others"]): readonly Violation[] {
  const seen = new Set<unknown>();
  return others.flatMap(({ message: { method, params } }) => {
    if (method !== "notifications/cancelled") return [];
    if (!seen.has(params.requestId)) {
      seen.add(params.requestId);
      return [];
    }
    return [{ sentence: `Session ${mark} was told twice that ${params.requestId} is cancelled.`, of: mark }];
  });
}

function hasResult({ conclusions }: CallRecord): boolean {
  return conclusions.some(({ error }) => !error);
}
