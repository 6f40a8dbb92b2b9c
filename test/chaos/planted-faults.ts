import { eventsOf } from "./records.js";
import {
  failed,
  inCall,
  inSession,
  isAny,
  isBeforeTheEnd,
  isOf,
  isOfCall,
  isSaid,
  isStream,
  isUpdate,
  onEvent,
  oneOf,
  type Plant,
  progressOf,
  received,
  responsesOf,
  where,
} from "./spoil-one.js";
import { afterDeath, changed, doubled, inPlaceOf, late, swapped, without } from "./spoiled-events.js";

/** A way to spoil a clean history, and what the checker must say of it. */
export interface PlantedFault {
  readonly name: string;
  readonly says: RegExp;
  readonly plant: Plant;
}

const RETRYABLE = { code: -31010, retryable: true };

/** Every kind of fault that the checker knows, each planted into a history that was clean. */
export const PLANTED_FAULTS: readonly PlantedFault[] = [
  {
    name: "a call that hangs",
    says: /was never concluded/,
    plant: inCall(isAny, ({ conclusions, ...call }, events) =>
      without(events, ...conclusions, ...responsesOf(call)),
    ),
  },
  {
    name: "a call that is concluded twice",
    says: /was concluded 2 times/,
    plant: inCall(isAny, ({ conclusions }, events) => doubled(events, conclusions[0])),
  },
  {
    name: "a second response",
    says: /got 2 responses/,
    plant: inCall(isAny, (call, events) => doubled(events, responsesOf(call)[0])),
  },
  {
    name: "a result out of nothing",
    says: /was concluded by nothing that came from a server/,
    plant: inCall(isAny, (call, events) => without(events, ...responsesOf(call))),
  },
  {
    name: "a response to a call that has failed",
    says: /failed at its client, and got a response as well/,
    plant: inCall(isAny, ({ conclusions: [conclusion] }, events) =>
      changed(events, conclusion, { error: { from: "network", message: "fetch failed" } }),
    ),
  },
  {
    name: "the result of another call",
    says: /got a result that is not its own/,
    plant: inCall(isAny, ({ conclusions: [conclusion] }, events) =>
      changed(events, conclusion, { text: "another answer" }),
    ),
  },
  {
    name: "an error out of the blue",
    says: /failed although nothing was wrong/,
    plant: where(
      { tolerant: true },
      inCall(isAny, (call, events) => failed(call, events, RETRYABLE)),
    ),
  },
  {
    name: "an error where there may be none",
    says: /failed, where none may/,
    plant: where(
      { tolerant: false },
      inCall(isAny, (call, events) => failed(call, events, RETRYABLE)),
    ),
  },
  {
    name: "an error for good",
    says: /failed for good/,
    plant: inCall(isAny, (call, events) => failed(call, events, { code: -32603 })),
  },
  {
    name: "lost progress",
    says: /lost what is between progress|brought its result after progress/,
    plant: inCall(isStream, (call, events, random) => without(events, oneOf(progressOf(call), random))),
  },
  {
    name: "doubled progress",
    says: /brought progress \d+ twice/,
    plant: inCall(isStream, (call, events, random) => doubled(events, oneOf(progressOf(call), random))),
  },
  {
    name: "progress that comes again later",
    says: /brought progress \d+ after progress \d+\./,
    plant: inCall(isStream, (call, events) => {
      const progress = progressOf(call);
      return inPlaceOf(events, progress.at(-1), [progress.at(-1), progress[0]]);
    }),
  },
  {
    name: "progress out of order",
    says: /brought progress \d+ after progress \d+\./,
    plant: inCall(isStream, (call, events, random) => {
      const [one, other] = random.shuffled(progressOf(call));
      return swapped(events, one, other);
    }),
  },
  {
    name: "progress after the response",
    says: /after its response/,
    plant: inCall(isStream, (call, events) => swapped(events, progressOf(call).at(-1), responsesOf(call)[0])),
  },
  {
    name: "a question asked twice",
    says: /asked 2 times/,
    plant: inCall(isOf("question"), ({ received: [question] }, events) => doubled(events, question)),
  },
  {
    name: "a result without the question",
    says: /without its question/,
    plant: inCall(isOf("question"), ({ received: [question] }, events) => without(events, question)),
  },
  {
    name: "a message with the mark of another session",
    says: /was told what belongs to mark-/,
    plant: onEvent("received", isOfCall, (events, own) => {
      const message = JSON.parse(JSON.stringify(own.message).replaceAll(own.session, "mark-00000000"));
      return changed(events, own, { message });
    }),
  },
  {
    name: "a message that reaches another session as well",
    says: /was told what belongs to mark-/,
    plant: onEvent("received", isOfCall, (events, own) => {
      const other = eventsOf(events, "opened").find(({ session }) => session !== own.session);
      return other && inPlaceOf(events, own, [own, { ...own, session: other.session }]);
    }),
  },
  {
    name: "a message that nobody has asked for",
    says: /what nobody has asked for/,
    plant: inSession((session, events, random) => {
      const message = { method: "notifications/message", params: { data: "hello" } };
      const { connections } = session;
      const before = oneOf(connections, random)?.request;
      return inPlaceOf(events, before, [before, received(session, before?.atMs ?? 0, message)]);
    }),
  },
  {
    name: "a side effect that happens twice",
    says: /The side effect of .* happened 2 times/,
    plant: onEvent("side effect", () => true, doubled),
  },
  {
    name: "a side effect that never happens",
    says: /The side effect of .* never happened/,
    plant: onEvent("side effect", () => true, without),
  },
  {
    name: "a side effect that nobody has asked for",
    says: /Nobody has asked for the side effect/,
    plant: onEvent(
      "side effect",
      () => true,
      (events, effect) => inPlaceOf(events, effect, [effect, { ...effect, key: `${effect.key}0000` }]),
    ),
  },
  {
    name: "a lost notification",
    says: /was never told/,
    plant: inSession(({ others }, events, random) => without(events, oneOf(others.filter(isSaid), random))),
  },
  {
    name: "a doubled notification",
    says: /was told twice/,
    plant: inSession(({ others }, events, random) => doubled(events, oneOf(others.filter(isSaid), random))),
  },
  {
    name: "notifications out of order",
    says: /was told out of order/,
    plant: inSession(({ others }, events, random) => {
      const [one, other] = random.shuffled(others.filter(isSaid));
      return swapped(events, one, other);
    }),
  },
  {
    name: "a lost update",
    says: /never heard of its last update/,
    plant: inSession(({ others }, events) => without(events, others.filter(isUpdate).at(-1))),
  },
  {
    name: "an invented update",
    says: /heard of \d+ updates; there were/,
    plant: inSession(({ others }, events, random) => doubled(events, oneOf(others.filter(isUpdate), random))),
  },
  {
    name: "a session that is not found",
    says: /got 404 .* was not found/,
    plant: onEvent("head", isBeforeTheEnd, (events, head) => changed(events, head, { status: 404 })),
  },
  {
    name: "a refusal that makes no sense",
    says: /got 500 for/,
    plant: onEvent(
      "head",
      () => true,
      (events, head) => changed(events, head, { status: 500 }),
    ),
  },
  {
    name: "a node that hangs up",
    says: /hung up on/,
    plant: onEvent(
      "closed",
      ({ how }) => how === "complete",
      (events, closed) => changed(events, closed, { how: "cut" }),
    ),
  },
  {
    name: "a stream without an event id",
    says: /without any event id/,
    plant: onEvent(
      "closed",
      ({ how, hasEventId }) => how === "complete" && hasEventId === true,
      (events, closed) => changed(events, closed, { hasEventId: false }),
    ),
  },
  {
    name: "a call that takes too long",
    says: /took \d+ ms though nothing was wrong/,
    plant: inCall(isAny, ({ conclusions: [conclusion] }, events) => late(events, conclusion)),
  },
  {
    name: "a take-over that comes too late for a running call",
    says: /sent \d+ ms before fault 1 \(kill n1\), was late/,
    plant: inCall(isAny, ({ sent, conclusions: [conclusion] }, events) =>
      afterDeath(late(events, conclusion), sent, sent.atMs + 1),
    ),
  },
  {
    name: "a take-over that comes too late for a call sent meanwhile",
    says: /sent \d+ ms after fault 1 \(kill n1\), was late/,
    plant: inCall(isAny, ({ sent, conclusions: [conclusion] }, events) =>
      afterDeath(late(events, conclusion), sent, sent.atMs - 100),
    ),
  },
];
