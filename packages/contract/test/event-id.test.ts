import {
  formatEventId,
  formatStreamId,
  parseEventId,
  parseStreamId,
  type StreamName,
} from "@durable-mcp/contract";
import fc from "fast-check";
import { describe, expect, it } from "vitest";

const NONCE_CHARACTERS = [..."ABCXYZabcxyz0189_-"];

const nonces = fc
  .array(fc.constantFrom(...NONCE_CHARACTERS), { minLength: 1, maxLength: 64 })
  .map((characters) => characters.join(""));
/** Any text, separators of the event id, lone surrogates and the empty string included. */
const texts = fc.oneof(
  fc.string(),
  fc.string({ unit: fc.constantFrom(".", "%", '"', "\\", ",", "é", "😀", "\ud800", "\udfff", "\n", "1") }),
);
const numbers = fc.oneof(fc.integer(), fc.maxSafeInteger());
/** JSON has no negative zero. */
const requestIds = fc.oneof(
  texts,
  numbers.map((number) => number + 0),
);
const streams: fc.Arbitrary<StreamName> = fc.oneof(
  fc.constant({ kind: "get" } as const),
  fc.record({ kind: fc.constant("post" as const), nonce: nonces }),
  fc.record({
    kind: fc.constant("post" as const),
    nonce: nonces,
    requestIds: fc.array(requestIds, { minLength: 1, maxLength: 8 }),
  }),
);
const counts = fc.oneof(fc.nat(20), fc.maxSafeNat());
const offsets = fc.oneof(counts, fc.constant("end" as const));

/** What of a stream's name can travel in an id. */
function travelling(stream: StreamName): StreamName {
  if (stream.kind === "get" || stream.requestIds === undefined) return stream;
  const { requestIds, ...rest } = stream;
  const encoded = encodeURIComponent(JSON.stringify(requestIds).slice(1, -1));
  return encoded.length <= 256 ? stream : rest;
}

describe("event ids (G1, G3)", () => {
  it("carry any stream name, offset and fence there and back", () => {
    fc.assert(
      fc.property(streams, offsets, counts, (stream, offset, fence) => {
        const streamId = formatStreamId(stream);
        expect(parseStreamId(streamId)).toEqual(travelling(stream));
        expect(parseEventId(formatEventId(streamId, offset, fence))).toEqual({
          stream: travelling(stream),
          offset,
          fence,
        });
      }),
      { numRuns: 2_000 },
    );
  });

  it("are visible ASCII and never too long for a header, whatever the request ids are", () => {
    fc.assert(
      fc.property(streams, offsets, counts, (stream, offset, fence) => {
        const eventId = formatEventId(formatStreamId(stream), offset, fence);
        expect(eventId).toMatch(/^[\x21-\x7e]{1,400}$/);
      }),
      { numRuns: 1_000 },
    );
  });

  it("differ for different streams of short ids", () => {
    fc.assert(
      fc.property(streams, streams, (one, other) => {
        fc.pre(travelling(one) === one && travelling(other) === other);
        const isSame = JSON.stringify(one) === JSON.stringify(other);
        expect(formatStreamId(one) === formatStreamId(other)).toBe(isSame);
      }),
    );
  });

  it("of any other origin never throw, and are read only if they are what would have been written", () => {
    const pieces = fc.constantFrom(
      ...[
        "g",
        "p",
        "end",
        "nonce",
        "%22",
        "%2C",
        "%",
        "%C3",
        "%C3%A9",
        "é",
        '"',
        "\ud800",
        "[",
        "]",
        "null",
        "{}",
      ],
      ...["-", "-0", "0", "1", "01", "1e3", "1e999", "9007199254740993", " ", "\n", "\u2028", "x".repeat(60)],
    );
    const pieced = fc.array(fc.oneof({ arbitrary: pieces, weight: 2 }, fc.constant(".")), { maxLength: 14 });
    const postLike = fc
      .tuple(pieced, fc.constantFrom("0", "7", "end"), fc.nat(9))
      .map(([ids, offset, fence]) => `p.n.${ids.join("")}.${offset}.${fence}`);
    const anything = fc.oneof(
      fc.string({ unit: "binary" }),
      pieced.map((parts) => parts.join("")),
      postLike,
    );
    fc.assert(
      fc.property(anything, (eventId) => {
        const cursor = parseEventId(eventId);
        if (cursor === undefined) return;
        const again = formatEventId(formatStreamId(cursor.stream), cursor.offset, cursor.fence);
        expect(again).toBe(eventId);
      }),
      { numRuns: 20_000 },
    );
  });

  it.each([
    ["", "nothing"],
    ["g", "no offset"],
    ["g.1", "no fence"],
    ["g.1.", "an empty fence"],
    ["g.01.1", "a leading zero"],
    ["g.-1.1", "a negative offset"],
    ["g.1.1.1", "too many parts"],
    ["G.1.1", "another letter"],
    ["x.1.1", "no such kind"],
    [" g.1.1", "a blank"],
    ["g.1.1\n", "a line end"],
    ["p.n.1.5.5.2", "an id that is no integer"],
    ["p.n.9007199254740992.5.2", "an id that is no safe integer"],
    ["g.9007199254740993.1", "an offset that is no safe integer"],
    ["g.1.9007199254740993", "a fence that is no safe integer"],
    ["p..1.1.1", "an empty nonce"],
    [`p.${"n".repeat(65)}..1.1`, "a nonce that is too long"],
    ["p.n%20.1.1.1", "a nonce of other characters"],
    ["p.n.%.1.1", "broken percent-encoding"],
    ["p.n.%C3.1.1", "broken UTF-8"],
    ["p.n.null.1.1", "an id that is no string or number"],
    ["p.n.1e999.1.1", "an id that is not finite"],
    ["p.n.%5B1%5D.1.1", "a nested list"],
    ["p.n.1%5D%2C%5B2.1.1", "a list that is closed too early"],
    [`p.n.${"1".repeat(257)}.1.1`, "ids that are too long"],
    ["p.n.%31.1.1", "an encoding that is not ours"],
    ["p.n.1%20.1.1", "white space in the ids"],
    [`p.n."${"é".repeat(100)}".1.1`, "characters that are not encoded"],
    ["3f2504e0-4f89-11d3-9a0c-0305e82c3301_1700000000000_abc", "an id of the SDK's example store"],
  ])("%j is none of ours: %s", (eventId) => {
    expect(parseEventId(eventId)).toBeUndefined();
  });

  it.each([
    ["g.0.0", { stream: { kind: "get" }, offset: 0, fence: 0 }],
    ["g.12.3", { stream: { kind: "get" }, offset: 12, fence: 3 }],
    ["p.n.1.5.2", { stream: { kind: "post", nonce: "n", requestIds: [1] }, offset: 5, fence: 2 }],
    ["p.n..end.1", { stream: { kind: "post", nonce: "n" }, offset: "end", fence: 1 }],
    [
      "p.A-_9.%22a.b%22%2C2.end.0",
      { stream: { kind: "post", nonce: "A-_9", requestIds: ["a.b", 2] }, offset: "end", fence: 0 },
    ],
  ])("%s is read as it was meant", (eventId, cursor) => {
    expect(parseEventId(eventId)).toEqual(cursor);
  });

  it("leave out request ids that are too long, up to which they carry them whole", () => {
    const longest = "x".repeat(256 - 6);
    const stream = (id: string): StreamName => ({ kind: "post", nonce: "n", requestIds: [id] });
    expect(parseStreamId(formatStreamId(stream(longest)))).toEqual(stream(longest));
    expect(formatStreamId(stream(`${longest}x`))).toBe("p.n.");
    expect(parseStreamId("p.n.")).toEqual({ kind: "post", nonce: "n" });
    expect(formatStreamId({ kind: "post", nonce: "n", requestIds: [] })).toBe("p.n.");
  });

  it("carry lone surrogates, which encodeURIComponent alone would throw on", () => {
    const stream: StreamName = { kind: "post", nonce: "n", requestIds: ["\ud800", "a\udfffb"] };
    expect(parseStreamId(formatStreamId(stream))).toEqual(stream);
  });
});
