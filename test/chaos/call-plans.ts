import type { SeededRandom } from "../support/seeded-random.js";
import type { CallKind } from "./history.js";

/** A call of one of the everything server's tools, and what must come of it. */
export interface CallPlan {
  readonly kind: CallKind;
  readonly tool: string;
  readonly args: Readonly<Record<string, unknown>>;
  /** How long the call takes by itself, in ms. */
  readonly lengthMs: number;
  /** How many times it reports progress. */
  readonly steps: number;
  /** The text of its result. */
  readonly answer: string;
}

/** Every plan is given the call's name, which carries its session's mark: the server has to echo it. */

const QUICK = { lengthMs: 0, steps: 0 };

export function echo(name: string): CallPlan {
  const args = { name };
  const answer = `JSON Schema 2020-12 tool called with: ${JSON.stringify(args)}`;
  return { ...QUICK, kind: "echo", tool: "json_schema_2020_12_tool", args, answer };
}

/** Takes 1-3 s and reports progress in 5-30 steps. */
export function stream(_name: string, random: SeededRandom): CallPlan {
  const lengthMs = random.integer(1_000, 3_000);
  const steps = random.integer(5, 30);
  const args = { ms: lengthMs, steps };
  return { kind: "stream", tool: "test_slow", args, lengthMs, steps, answer: "slow done" };
}

export function sideEffect(name: string, random: SeededRandom): CallPlan {
  const lengthMs = random.integer(0, 400);
  const args = { key: name, ms: lengthMs };
  return {
    kind: "side effect",
    tool: "test_side_effect",
    args,
    lengthMs,
    steps: 0,
    answer: `appended ${name}`,
  };
}

/** Asks the client for something before it answers. */
export function question(name: string): CallPlan {
  const content = JSON.stringify({ response: `answer to ${name}` });
  const answer = `User response: action=accept, content=${content}`;
  return { ...QUICK, kind: "question", tool: "test_elicitation", args: { message: name }, answer };
}

/** Puts a message on the session's GET stream. */
export function say(name: string): CallPlan {
  const args = { level: "info", data: name, to: "session" };
  return { ...QUICK, kind: "say", tool: "test_log", args, answer: "logged" };
}

/** Has the session told of a resource that it has subscribed to. */
export function update(uri: string): CallPlan {
  return { ...QUICK, kind: "update", tool: "test_update_resource", args: { uri }, answer: "sent" };
}
