import type { RunFacts } from "./history.js";
import type { CallRecord, FaultRecord } from "./records.js";
import { settledAtMs } from "./recovery.js";
import type { Violation } from "./violation.js";

/** A call is concluded exactly once: by its own result, or by an error that it may be tried again after (G4, G6). */
export function checkConclusions(
  call: CallRecord,
  faults: readonly FaultRecord[],
  facts: RunFacts,
): readonly Violation[] {
  const { sent, conclusions } = call;
  const violations: Violation[] = [];
  const violated = (sentence: string) => violations.push({ sentence, of: sent.call });
  const what = `The ${sent.kind} call ${sent.call}`;
  if (conclusions.length === 0) violated(`${what} was never concluded.`);
  if (conclusions.length > 1) violated(`${what} was concluded ${conclusions.length} times.`);

  const responses = call.received.filter(({ message }) => message.method === undefined);
  if (responses.length > 1) violated(`${what} got ${responses.length} responses.`);
  const [conclusion] = conclusions;
  if (!conclusion) return violations;
  const { text, error } = conclusion;
  const isAnswered = !error || error.from === "rpc" || error.from === "tool";
  if (isAnswered && responses.length === 0)
    violated(`${what} was concluded by nothing that came from a server.`);
  if (!isAnswered && responses.length > 0)
    violated(`${what} failed at its client, and got a response as well.`);
  if (!error && text !== sent.answer) violated(`${what} got a result that is not its own: ${text}`);
  if (!error) return violations;

  if (!mayBeTriedAgain(error))
    violated(`${what} failed for good: ${error.from} ${error.code} ${error.message}`);
  const disturbing = faults.some(
    (fault) => fault.fromMs <= conclusion.atMs && sent.atMs <= settledAtMs(fault, facts) + facts.slackMs,
  );
  if (!facts.tolerant) violated(`${what} failed, where none may: ${error.message}`);
  else if (!disturbing) violated(`${what} failed although nothing was wrong: ${error.message}`);
  return violations;
}

function mayBeTriedAgain({
  from,
  code,
  retryable,
}: NonNullable<CallRecord["conclusions"][0]["error"]>): boolean {
  if (from === "http") return code === 503;
  return from === "rpc" ? retryable === true : true;
}
