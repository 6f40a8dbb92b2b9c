import type { SeededRandom } from "../support/seeded-random.js";
import type { HostileWorld } from "./hostile-world.js";
import type { HttpBytes } from "./http-bytes.js";
import { pick } from "./pick.js";

/** Under which session a request goes. */
export interface Target {
  /** Value of the session's header; undefined: none. */
  readonly header: string | undefined;
  readonly user: string;
  /** The session that answers, if the header is right. */
  readonly own: string | undefined;
}

/** A session to attack: most times one of the attacker's own, else somebody else's, or a guess. */
export function target(random: SeededRandom, world: HostileWorld): Target {
  const user = world.user(random);
  const session = world.session(random);
  if (!session || random.chance(0.75)) return ownTarget(random, world);
  const header = pick(random, [
    undefined,
    world.victim(random),
    world.victim(random),
    twisted(session.id, random),
    twisted(world.victim(random), random),
    `${session.id}, ${world.victim(random)}`,
    "null",
  ]);
  const own = world.sessions.find((one) => one.id === header?.trim() && one.user === user)?.id;
  return { header, user, own };
}

/** A session of the attacker's own. */
export function ownTarget(random: SeededRandom, world: HostileWorld): Target {
  const session = world.session(random);
  if (!session) return { header: undefined, user: world.user(random), own: undefined };
  return { header: session.id, user: session.user, own: session.id };
}

/** A POST, GET or DELETE with the headers that it needs. */
export function requestTo(
  to: Target,
  method: string,
  more: Readonly<Record<string, string>> = {},
): HttpBytes {
  const accept = method === "GET" ? "text/event-stream" : "application/json, text/event-stream";
  const headers = {
    Host: "127.0.0.1",
    Connection: "close",
    Accept: accept,
    ...(method === "POST" ? { "Content-Type": "application/json" } : {}),
    ...(to.header === undefined ? {} : { "Mcp-Session-Id": to.header }),
    "X-Test-User": to.user,
    ...more,
  };
  return { method, headers: Object.entries(headers) };
}

const ODD_HEADERS: readonly (readonly [name: string, value: string])[] = [
  ["MCP-Protocol-Version", "2025-11-25"],
  ["MCP-Protocol-Version", "2025-03-26"],
  ["MCP-Protocol-Version", "\xff"],
  ["MCP-Protocol-Version", "1999-01-01"],
  ["Accept", "*/*"],
  ["Accept", "text/plain"],
  ["Content-Type", "text/plain"],
  ["Content-Length", "7"],
  ["Transfer-Encoding", "chunked"],
  ["Transfer-Encoding", "gzip"],
  ["Expect", "100-continue"],
  ["Expect", "x"],
  ["Connection", "keep-alive"],
  ["Connection", "Upgrade"],
  ["Upgrade", "websocket"],
  ["Host", "evil.test"],
  ["Origin", "http://evil.test"],
  ["Last-Event-ID", "g.0.0"],
  ["Last-Event-ID", "\xe9"],
  ["Mcp-Session-Id", "x"],
  ["__proto__", "x"],
  ["constructor", "x"],
  ["X-Long", "x".repeat(3_000)],
  ["Trailer", "Mcp-Session-Id"],
  ["Content-Encoding", "gzip"],
];

/** The request with some headers added, left out, or changed. Who asks stays the same, so that quotas hold. */
export function withOddHeaders(request: HttpBytes, random: SeededRandom): HttpBytes {
  const headers = [...request.headers];
  for (let n = random.integer(1, 3); n > 0; n -= 1) {
    const odd = pick(random, ODD_HEADERS) ?? ["X", "x"];
    const at = random.integer(0, headers.length - 1);
    const old = headers[at];
    const way = random.integer(0, 3);
    if (!old || old[0] === "X-Test-User" || way > 1) headers.splice(at, 0, odd);
    else if (way === 1) headers.splice(at, 1);
    else headers[at] = [old[0], twisted(old[1], random)];
  }
  return { ...request, headers };
}

/** A value that is nearly the same. */
function twisted(value: string, random: SeededRandom): string {
  const at = random.integer(0, value.length);
  return (
    pick(random, [
      value.toUpperCase(),
      value.toLowerCase(),
      value.slice(0, at),
      value.slice(1),
      `${value}A`,
      `A${value}`,
      ` ${value}\t`,
      `${value}, ${value}`,
      `"${value}"`,
      `${value.slice(0, at)}\xe9${value.slice(at)}`,
      `${value.slice(0, at)}%${value.slice(at)}`,
      value.split("").reverse().join(""),
    ]) ?? value
  );
}
