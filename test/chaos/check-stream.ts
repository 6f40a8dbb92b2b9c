import type { RunFacts } from "./history.js";
import type { CallRecord } from "./records.js";
import type { Violation } from "./violation.js";

/** A call's stream brings progress 1, 2, 3 ... without a hole, each once, then the response, and nothing more (G1). */
export function checkStream(call: CallRecord, facts: RunFacts): readonly Violation[] {
  const { sent } = call;
  const violations: Violation[] = [];
  const violated = (sentence: string) => violations.push({ sentence, of: sent.call });
  const what = `The stream of the ${sent.kind} call ${sent.call}`;
  let last = 0;
  let questions = 0;
  let isAnswered = false;
  for (const { message } of call.received) {
    const { method, params } = message;
    if (isAnswered && method !== undefined) violated(`${what} brought ${method} after its response.`);
    if (method === undefined) isAnswered = true;
    if (method === "elicitation/create") questions += 1;
    if (method !== "notifications/progress") continue;
    const { progress } = params;
    // A call that is dispatched again counts again.
    if (progress === 1 && facts.onInterrupted === "dispatch-again") last = 0;
    if (progress === last) violated(`${what} brought progress ${progress} twice.`);
    else if (progress < last) violated(`${what} brought progress ${progress} after progress ${last}.`);
    else if (progress > last + 1) violated(`${what} lost what is between progress ${last} and ${progress}.`);
    last = progress;
  }

  const hasResult = call.conclusions.some(({ error }) => !error);
  if (hasResult && last !== sent.steps)
    violated(`${what} brought its result after progress ${last} of ${sent.steps}.`);
  const asked = sent.kind === "question" ? 1 : 0;
  if (hasResult && questions < asked) violated(`${what} brought a result without its question.`);
  if (questions > asked && facts.onInterrupted === "conclude") violated(`${what} asked ${questions} times.`);
  return violations;
}
