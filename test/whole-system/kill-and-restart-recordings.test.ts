import { describe, expect, test } from "vitest";
import { checkCall, checkNotifications, checkPrefix, type Said } from "../support/exactly-once.js";
import type { RecordedEvent, WireMessage } from "../support/recorded-stream.js";

/** The recordings of the kill-and-restart tests are judged by these checks: each must see what it is there for. */

function event(offset: number | "end", message: WireMessage): RecordedEvent {
  return { id: `s.${offset}.1`, data: JSON.stringify(message), message, connection: 1 };
}
const progress = (offset: number, n: number) =>
  event(offset, { method: "notifications/progress", params: { progress: n } });
const result = (offset: number) => event(offset, { id: 1, result: {} });
const error = (offset: number | "end", retryable?: boolean) =>
  event(offset, { id: 1, error: { code: -31010, message: "interrupted", data: { retryable } } });
const say = (offset: number, data: string) =>
  event(offset, { method: "notifications/message", params: { data } });
const cancelled = (offset: number, requestId: string) =>
  event(offset, { method: "notifications/cancelled", params: { requestId } });

describe("The check of a call", () => {
  test.each([
    ["a result after its progress", [progress(1, 1), progress(2, 2), result(3)]],
    ["a retryable error in the middle", [progress(1, 1), error(2, true)]],
    ["an error that is not stored", [error("end", true)]],
    ["a recording that goes on later", [progress(1, 1)]],
  ])("accepts %s", (_, events) => {
    expect(() => checkCall(events, 2)).not.toThrow();
  });

  test.each([
    ["lost progress", [progress(2, 2), result(3)]],
    ["doubled progress", [progress(1, 1), progress(2, 1), progress(3, 2), result(4)]],
    ["an event that comes twice", [progress(1, 1), progress(1, 1)]],
    ["events out of order", [progress(2, 1), progress(1, 2)]],
    ["a result that comes too early", [progress(1, 1), result(2)]],
    ["a second response", [progress(1, 1), progress(2, 2), result(3), error(4, true)]],
    ["an error that is not retryable", [error(1)]],
    ["a message that nobody asked for", [say(1, "hello")]],
    ["an event without an id", [{ ...result(1), id: undefined }]],
  ])("refuses %s", (_, events) => {
    expect(() => checkCall(events, 2)).toThrow();
  });
});

describe("The check of notifications", () => {
  const said: Said[] = [
    { text: "a", acknowledged: true },
    { text: "b", acknowledged: false },
    { text: "c", acknowledged: true },
  ];

  test.each([
    ["what was said", [say(1, "a"), say(2, "b"), say(3, "c")]],
    ["that something was not said after all", [say(1, "a"), say(2, "c")]],
    ["cancellations in between", [say(1, "a"), cancelled(2, "1:0"), say(3, "c"), cancelled(4, "2:0")]],
  ])("accepts %s", (_, events) => {
    expect(() => checkNotifications(events, said)).not.toThrow();
  });

  test.each([
    ["a lost message", [say(1, "a"), say(2, "b")]],
    ["a lost message in the middle", [say(1, "b"), say(2, "c")]],
    ["a doubled message", [say(1, "a"), say(2, "a"), say(3, "c")]],
    ["an invented message", [say(1, "a"), say(2, "x"), say(3, "c")]],
    ["messages out of order", [say(1, "b"), say(2, "a"), say(3, "c")]],
    ["a list_changed of its own", [say(1, "a"), event(2, { method: "notifications/tools/list_changed" })]],
    ["a doubled cancellation", [say(1, "a"), cancelled(2, "1:0"), cancelled(3, "1:0"), say(4, "c")]],
  ])("refuses %s", (_, events) => {
    expect(() => checkNotifications(events, said)).toThrow();
  });
});

test("The check of a second reading refuses whatever is not the same", () => {
  const first = [progress(1, 1), result(2)];
  expect(() => checkPrefix([progress(1, 1)], first)).not.toThrow();
  expect(() => checkPrefix([progress(1, 2)], first)).toThrow();
  expect(() => checkPrefix([...first, result(3)], first)).toThrow();
});
