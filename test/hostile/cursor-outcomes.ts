import { formatStreamId, parseEventId, type RequestId } from "@durable-mcp/contract";
import type { SeededRandom } from "../support/seeded-random.js";
import { failed, type Outcome, refused, SILENT_STREAM } from "./outcomes.js";
import { messagesOf } from "./sse-rules.js";

/** A finished call of the session that is asked, by whose cursors others are judged. */
export interface FinishedCall {
  /** `p.<nonce>.<ids>` */
  readonly streamId: string;
  readonly ids: readonly RequestId[];
  /** Offset of its last event. */
  readonly last: number;
  readonly fence: number;
}

const NOTHING = [refused("STREAM_FINISHED")];

/**
 * What a GET with this Last-Event-ID must bring, in a session that has one finished call and an empty GET stream.
 *
 * Source:  G2, G3; the table of answers
 */
export function outcomesOfCursor(header: string, call: FinishedCall): readonly Outcome[] {
  const cursor = header.replace(/^[ \t]+|[ \t]+$/g, "");
  if (cursor === "") return [SILENT_STREAM];
  const position = parseEventId(cursor);
  if (!position) return NOTHING;
  const { stream, offset, fence } = position;
  if (stream.kind === "get") return [FOLLOWED];
  if (offset === "end") return NOTHING;
  if (formatStreamId(stream) !== call.streamId) {
    return stream.requestIds ? [failed(stream.requestIds, -31010)] : NOTHING;
  }
  const isOurs = offset <= call.last && (fence === 0 || offset === 0 || fence === call.fence);
  if (isOurs && offset === call.last) return NOTHING;
  // A position that means nothing here brings the answer alone.
  return [restOf(call, isOurs ? offset : call.last - 1)];
}

/** The events of a call after an offset: progress, each with its number, and the answer. */
function restOf({ ids, last }: FinishedCall, after: number): Outcome {
  return {
    says: `the events after ${after}`,
    matches: (answer) => {
      const messages = messagesOf(answer?.body ?? "");
      const seen = messages.map(({ id, params }) => params?.progress ?? id);
      const expected = [...Array.from({ length: last - 1 }, (_, n) => n + 1).slice(after), ...ids];
      return answer?.status === 200 && answer.whole && seen.join() === expected.join();
    },
  };
}

/** The GET stream, after whatever makes up for a gap. */
const FOLLOWED: Outcome = {
  says: "the GET stream",
  matches: (answer) => answer?.status === 200 && answer.body.includes("retry: "),
};

/** Whether the answer to this cursor does not end by itself. */
export function isFollowed(header: string): boolean {
  const cursor = header.replace(/^[ \t]+|[ \t]+$/g, "");
  return cursor === "" || parseEventId(cursor)?.stream.kind === "get";
}

const PIECES = [
  "g",
  "p",
  ".",
  "0",
  "1",
  "9",
  "end",
  "-",
  "%",
  "%2C",
  "%22",
  "%00",
  "%ff",
  "%F0%9F",
  ",",
  '"',
  " ",
  "\t",
  "\xe9",
  "..",
  "..%2f",
  "null",
  "1e3",
  "9007199254740991",
  "9007199254740992",
  "99999999999999999999",
  "__proto__",
  "AAAAAAAAAAAA",
  "p.x.1",
  "x".repeat(300),
];

/** A cursor that differs from a valid one by a few random changes, or is made of pieces of cursors. */
export function twistedCursor(valid: readonly string[], random: SeededRandom): string {
  const [one = "g.0.0", other = "g.0.0"] = random.shuffled(valid);
  const [piece = ""] = random.shuffled(PIECES);
  const at = random.integer(0, one.length);
  const parts = one.split(".");
  const part = random.integer(0, parts.length - 1);
  switch (random.integer(0, 8)) {
    case 0:
      return one.slice(0, at) + piece + one.slice(at);
    case 1:
      return one.slice(0, at) + one.slice(at + random.integer(1, 3));
    case 2:
      return parts.map((text, index) => (index === part ? piece : text)).join(".");
    case 3:
      return random.shuffled(parts).join(".");
    case 4:
      return one.slice(0, at) + other.slice(random.integer(0, other.length));
    case 5:
      return random.chance(0.5) ? one.toUpperCase() : encodeURIComponent(one).replaceAll(".", "%2E");
    case 6:
      return Array.from({ length: random.integer(1, 8) }, () => random.shuffled(PIECES)[0]).join("");
    case 7:
      return `${parts.slice(0, -2).join(".")}.${random.integer(0, 10)}.${random.integer(0, 3)}`;
    default:
      return random.chance(0.5) ? `${one}, ${other}` : ` ${one}\t`;
  }
}
