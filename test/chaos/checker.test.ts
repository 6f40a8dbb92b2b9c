import { describe, expect, test } from "vitest";
import { checkHistory } from "./check-history.js";
import {
  CALL,
  connection,
  FACTS,
  FOREIGN,
  failure,
  fault,
  interrupted,
  notified,
  OWN,
  progress,
  received,
  result,
  sent,
} from "./handmade-history.js";
import type { HistoryEvent, RunFacts } from "./history.js";

/** Runs of chaos are judged by this checker: it must see what it is there for, and nothing that is as it may be. */

function violations(events: readonly HistoryEvent[], facts: Partial<RunFacts> = {}): readonly string[] {
  return checkHistory({ facts: { ...FACTS, ...facts }, events }).map(({ sentence }) => sentence);
}

const opened: HistoryEvent = { atMs: 0, type: "opened", session: OWN };
const sideEffect = (key: string): HistoryEvent => ({ atMs: 9_000, type: "side effect", key });
const effecting = sent(0, { kind: "side effect", steps: 0 });
const saying = sent(0, { kind: "say", steps: 0 });
const saidLater = sent(100, { kind: "say", steps: 0, call: `${OWN}.2` });
const updating = sent(0, { kind: "update", steps: 0 });
const asking = sent(0, { kind: "question", steps: 0 });
const question = received(10, { id: "1:0", method: "elicitation/create", params: { message: CALL } });
const updated = (atMs: number) =>
  received(atMs, { method: "notifications/resources/updated", params: { uri: `test://${OWN}/watched` } });
const cancelled = received(50, { method: "notifications/cancelled", params: { requestId: "1:0" } });
const listChanged = received(60, { method: "notifications/tools/list_changed" });
const network = { from: "network", message: "fetch failed" } as const;

describe("The checker accepts", () => {
  test.each<[string, HistoryEvent[], Partial<RunFacts>?]>([
    [
      "a call with its progress and its result",
      [opened, sent(0), progress(500, 1), progress(1_000, 2), ...result(1_050)],
    ],
    ["a side effect that happened once", [effecting, ...result(900), sideEffect(CALL)]],
    ["a side effect of another round", [sideEffect(`${FOREIGN}.1`)]],
    ["a question", [asking, question, ...result(20)]],
    ["a message on the GET stream", [saying, notified(10, CALL), ...result(20)]],
    ["that an update is heard of", [updating, updated(10), ...result(20)]],
    ["a question that is taken back", [cancelled]],
    [
      "that a finished call is not resumed",
      [
        sent(0),
        progress(1, 1),
        progress(2, 2),
        ...result(900),
        ...connection(1, "n1", 950, 960, { status: 405, cursor: "c" }),
      ],
    ],
    [
      "a session that is not found after its end",
      [{ atMs: 100, type: "ended", session: OWN }, ...connection(1, "n1", 200, 201, { status: 404 })],
    ],
    ["a connection that its client leaves", [...connection(1, "n1", 0, 10, { how: "left" })]],
    [
      "a running call that the take-over concludes in time",
      [sent(900), progress(950, 1), ...fault("kill", "n1", 1_500, 9_000), ...interrupted(4_600)],
    ],
    [
      "a call sent after the death, in time",
      [
        ...fault("kill", "n1", 1_000, 9_000),
        sent(2_000),
        progress(4_500, 1),
        progress(5_000, 2),
        ...result(5_100),
      ],
    ],
    [
      "a call on its way when the node died, in time",
      [
        sent(900),
        ...fault("kill", "n1", 1_000, 9_000),
        progress(4_500, 1),
        progress(5_000, 2),
        ...result(5_100),
      ],
    ],
    [
      "a call that the death did not touch",
      [
        ...fault("kill", "n1", 1_000, 9_000),
        sent(2_000),
        progress(2_500, 1),
        progress(2_900, 2),
        ...result(3_000),
      ],
    ],
    [
      "a call whose node is gone",
      [
        sent(0),
        ...connection(1, "n1", 0, 500, { how: "cut" }),
        ...fault("kill", "n1", 400, 5_000),
        failure(500, network),
      ],
    ],
    [
      "a call that waits at a paused node",
      [
        ...fault("pause", "n1", 1_000, 8_000),
        sent(1_500),
        ...connection(1, "n1", 1_500, 11_000),
        progress(8_500, 1),
        progress(9_000, 2),
        ...result(11_900),
      ],
    ],
    [
      "a drain that lets a call finish",
      [
        sent(0),
        ...fault("terminate", "n1", 100, 9_000, 8_000),
        progress(500, 1),
        progress(900, 2),
        ...result(1_000),
      ],
    ],
    [
      "a refusal while Redis is away",
      [
        ...fault("kill Redis", undefined, 0, 3_000),
        sent(100),
        ...connection(1, "n1", 100, 110, { status: 503 }),
        failure(110, { from: "http", code: 503, message: "cannot store" }),
      ],
    ],
    [
      "a call that waits for Redis",
      [
        ...fault("kill Redis", undefined, 0, 3_000),
        sent(100),
        progress(7_000, 1),
        progress(8_000, 2),
        ...result(9_000),
      ],
    ],
    [
      "a message that could not be stored, made up for",
      [saying, ...fault("cut Redis commands", undefined, 5, 5), ...result(20), listChanged],
    ],
    [
      "a message of a failed call that was said after all",
      [saying, ...fault("kill", "n1", 5, 5), failure(20, network), notified(300, CALL)],
    ],
    [
      "one node that takes its own sessions back",
      [sent(0), ...fault("kill", "n1", 100, 5_000), ...interrupted(7_900)],
      { nodes: ["n1"] },
    ],
    [
      "a call dispatched again",
      [
        sent(0),
        progress(1, 1),
        ...fault("kill", "n1", 100, 5_000),
        progress(3_500, 1),
        progress(3_900, 2),
        ...result(4_100),
      ],
      { onInterrupted: "dispatch-again" },
    ],
    [
      "a side effect of a call dispatched again",
      [effecting, ...fault("kill", "n1", 100, 5_000), ...result(4_100), sideEffect(CALL), sideEffect(CALL)],
      { onInterrupted: "dispatch-again" },
    ],
  ])("%s", (_, events, facts) => {
    expect(violations(events, facts)).toEqual([]);
  });
});

describe("The checker refuses", () => {
  test.each<[string, RegExp, HistoryEvent[], Partial<RunFacts>?]>([
    ["a call that hangs", /stream call mark-00000001.1 was never concluded\.$/, [sent(0), progress(10, 1)]],
    ["two conclusions", /was concluded 2 times/, [sent(0), ...result(10), ...interrupted(20)]],
    ["two responses", /got 2 responses/, [sent(0), ...result(10), received(20, { id: CALL, result: {} })]],
    [
      "a response to a call that has failed",
      /failed at its client, and got a response/,
      [sent(0), failure(10, network), received(20, { id: CALL, result: {} })],
    ],
    [
      "a client's own conclusion",
      /by nothing that came from a server/,
      [sent(0), failure(10, { from: "rpc", code: -32001, message: "Request timed out" })],
    ],
    ["another result", /not its own: other/, [sent(0), ...result(10, { text: "other" })]],
    [
      "an error for good",
      /failed for good: rpc -32603/,
      [...fault("kill", "n1", 0, 5), sent(0), failure(10, { from: "rpc", code: -32603, message: "no" })],
    ],
    [
      "an error with no fault near",
      /failed although nothing was wrong/,
      [...fault("kill", "n1", 0, 500), sent(9_000), ...interrupted(9_010)],
    ],
    [
      "an error where none may be",
      /failed, where none may/,
      [...fault("terminate", "n1", 0, 500), sent(0), ...interrupted(10)],
      { tolerant: false },
    ],
    ["lost progress", /lost what is between progress 0 and 2/, [sent(0), progress(10, 2), ...result(20)]],
    ["lost progress at the end", /result after progress 1 of 2/, [sent(0), progress(10, 1), ...result(20)]],
    [
      "lost progress before an error",
      /lost what is between progress 0 and 2/,
      [sent(0), ...fault("kill", "n1", 5, 500), progress(10, 2), ...interrupted(20)],
    ],
    [
      "doubled progress",
      /progress 1 twice/,
      [sent(0), progress(10, 1), progress(11, 1), progress(12, 2), ...result(20)],
    ],
    [
      "progress out of order",
      /progress 1 after progress 2/,
      [sent(0), progress(10, 2), progress(11, 1), ...result(20)],
    ],
    [
      "progress after the result",
      /after its response/,
      [sent(0), progress(10, 1), ...result(20), progress(30, 2)],
    ],
    ["a question asked twice", /asked 2 times/, [asking, question, question, ...result(20)]],
    [
      "a side effect that happened twice",
      /happened 2 times/,
      [effecting, ...result(20), sideEffect(CALL), sideEffect(CALL)],
    ],
    [
      "a side effect twice of a call that failed",
      /happened 2 times/,
      [effecting, ...fault("kill", "n1", 5, 500), ...interrupted(20), sideEffect(CALL), sideEffect(CALL)],
    ],
    ["a side effect that never happened", /never happened, yet/, [effecting, ...result(20)]],
    ["a side effect of no call", /Nobody has asked for the side effect/, [opened, sideEffect(`${OWN}.9`)]],
    ["a foreign message", /was told what belongs to mark-00000002/, [notified(10, `${FOREIGN}.1`)]],
    [
      "a foreign mark in an own message",
      /was told what belongs to mark-00000002/,
      [asking, received(10, { id: CALL, result: { text: FOREIGN } })],
    ],
    ["a message that nobody has asked for", /what nobody has asked for/, [notified(10, "hello")]],
    ["a lost message", /was never told: mark-00000001.1/, [saying, ...result(20)]],
    [
      "a message made up for too early",
      /was never told/,
      [{ ...listChanged, atMs: -5 }, saying, ...result(20)],
    ],
    ["a doubled message", /told twice/, [saying, notified(10, CALL), notified(11, CALL), ...result(20)]],
    [
      "messages out of order",
      /told out of order/,
      [
        saying,
        ...result(20),
        saidLater,
        notified(110, `${OWN}.2`),
        notified(111, CALL),
        ...result(120, { call: `${OWN}.2` }),
      ],
    ],
    ["an update that is not heard of", /never heard of its last update/, [updating, ...result(20)]],
    [
      "an invented update",
      /heard of 2 updates; there were 1/,
      [updating, updated(10), updated(11), ...result(20)],
    ],
    ["a question taken back twice", /told twice that 1:0 is cancelled/, [cancelled, cancelled]],
    [
      "a session that is not found",
      /got 404 for its POST at n1: it was not found/,
      [opened, ...connection(1, "n1", 0, 1, { status: 404 })],
    ],
    [
      "a session that is not found while a node is down",
      /got 404/,
      [opened, ...fault("kill", "n2", 0, 9_000), ...connection(1, "n1", 1, 2, { status: 404 })],
    ],
    [
      "a resume that is refused too early",
      /nothing more of mark-00000001.1, which has no response/,
      [
        sent(0),
        ...connection(1, "n1", 5, 6, { status: 405, cursor: "c" }),
        progress(10, 1),
        progress(11, 2),
        ...result(20),
      ],
    ],
    [
      "a stream without an event id",
      /got a stream without any event id for its GET at n1/,
      [...connection(1, "n1", 0, 1, { hasEventId: false, cursor: "c" })],
    ],
    ["another refusal", /got 400 for its POST/, [...connection(1, "n1", 0, 1, { status: 400 })]],
    [
      "a node that hangs up",
      /n2 hung up on a POST/,
      [...fault("kill", "n1", 0, 900), ...connection(1, "n2", 0, 10, { how: "cut" })],
    ],
    [
      "a drained node that hangs up",
      /n1 hung up on a POST/,
      [...fault("terminate", "n1", 0, 900), ...connection(1, "n1", 0, 10, { how: "cut" })],
      { tolerant: false },
    ],
    [
      "a call that takes too long",
      /late: it took 6500 ms though nothing was wrong/,
      [sent(0), progress(10, 1), progress(11, 2), ...result(6_500)],
    ],
    [
      "a late take-over of a running call",
      /1000 ms long, sent 600 ms before fault 1 \(kill n1\), was late: due 3100 ms after it at the latest, was 3150/,
      [sent(900), progress(950, 1), ...fault("kill", "n1", 1_500, 9_000), ...interrupted(4_650)],
    ],
    [
      "a late take-over though the node is back",
      /was late/,
      [sent(900), progress(950, 1), ...fault("kill", "n1", 1_500, 9_000), ...interrupted(9_500)],
    ],
    [
      "a late take-over for a call sent meanwhile",
      /sent 1000 ms after fault 1 \(kill n1\), was late: due 4100 ms after it at the latest, was 4200/,
      [
        ...fault("kill", "n1", 1_000, 9_000),
        sent(2_000),
        progress(4_500, 1),
        progress(5_000, 2),
        ...result(5_200),
      ],
    ],
    [
      "a late take-over from a paused node",
      /\(pause n1\), was late/,
      [sent(0), ...connection(1, "n2", 0, 8_000), ...fault("pause", "n1", 800, 9_000), ...interrupted(8_000)],
    ],
    [
      "a paused node that never answers what waited for it",
      /\(pause n1\), was late/,
      [
        sent(0),
        ...connection(1, "n1", 0, 18_000),
        ...fault("pause", "n1", 800, 9_000),
        ...interrupted(18_000),
      ],
    ],
    [
      "a late recovery of Redis",
      /\(kill Redis\), was late/,
      [
        ...fault("kill Redis", undefined, 0, 3_000),
        sent(100),
        progress(7_000, 1),
        progress(8_000, 2),
        ...result(9_200),
      ],
    ],
  ])("%s", (_, says, events, facts) => {
    expect(violations(events, facts)).toContainEqual(expect.stringMatching(says));
  });
});
