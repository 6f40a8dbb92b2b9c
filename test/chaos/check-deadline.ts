import type { RunFacts } from "./history.js";
import type { CallRecord, FaultRecord } from "./records.js";
import { deadlineOf } from "./recovery.js";
import type { Violation } from "./violation.js";

/** A call is concluded in time, whether or not a node dies meanwhile or before (G6). */
export function checkDeadline(
  call: CallRecord,
  faults: readonly FaultRecord[],
  facts: RunFacts,
): readonly Violation[] {
  const { sent, conclusions } = call;
  const concludedMs = conclusions[0]?.atMs;
  const { atMs: deadlineMs, fault } = deadlineOf(call, faults, facts);
  if (concludedMs === undefined || concludedMs <= deadlineMs) return [];
  const what = `The ${sent.kind} call ${sent.call}, ${sent.lengthMs} ms long,`;
  if (!fault) {
    const tookMs = concludedMs - sent.atMs;
    return [{ sentence: `${what} was late: it took ${tookMs} ms though nothing was wrong.`, of: sent.call }];
  }
  const { number, kind, node, fromMs } = fault;
  const relative = sent.atMs - fromMs;
  const when = relative < 0 ? `sent ${-relative} ms before` : `sent ${relative} ms after`;
  const bound = `${deadlineMs - fromMs} ms after it at the latest, was ${concludedMs - fromMs} ms after it`;
  const named = `fault ${number} (${kind}${node === undefined ? "" : ` ${node}`})`;
  return [{ sentence: `${what} ${when} ${named}, was late: due ${bound}.`, of: sent.call }];
}
