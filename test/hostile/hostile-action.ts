import { SeededRandom } from "../support/seeded-random.js";
import { mutatedBytes } from "./byte-mutations.js";
import { twistedCursor } from "./cursor-outcomes.js";
import { ownTarget, requestTo, type Target, target, withOddHeaders } from "./hostile-request.js";
import type { HostileWorld } from "./hostile-world.js";
import { type HttpBytes, httpBytes } from "./http-bytes.js";
import { jsonText, mutated } from "./json-mutations.js";
import { validAside, validInitialize, validRequest } from "./message-templates.js";
import { pick } from "./pick.js";
import type { Delivery } from "./raw-exchange.js";

/** One exchange of an action. */
export interface HostileExchange {
  readonly target: Target;
  readonly delivery: Delivery;
  /** The id of a request that is right in every way and is read to its end: it must be answered, once. */
  readonly mustAnswer?: string | number;
}

/** What a hostile client does next: one exchange, or several at the same time. */
export interface HostileAction {
  readonly kind: string;
  readonly exchanges: readonly HostileExchange[];
}

/** How long a stream without end is followed, and what may have become one, in ms; or until it has begun. */
const FOLLOW_MS = 80;

/** The action that a seed stands for, in a world where there are sessions and cursors to choose from. */
export function hostileAction(seed: number, world: HostileWorld): HostileAction {
  const random = new SeededRandom(seed);
  const kind = pick(random, KINDS) ?? "message";
  return { kind, exchanges: MAKERS[kind](random, world) };
}

type Maker = (random: SeededRandom, world: HostileWorld) => readonly HostileExchange[];

const MAKERS = {
  /** A right request that is delivered in some odd way, or not odd at all. */
  valid: (random, world) => {
    const to = target(random, world);
    const id = idOf(random, "v");
    const request = {
      ...requestTo(to, "POST"),
      body: JSON.stringify(validRequest(random, id)),
      framing: framing(random),
    };
    if (random.chance(0.5)) return [exchangeOf(to, random, request)];
    return [
      {
        target: to,
        delivery: { pieces: [httpBytes(request)] },
        ...(to.own === undefined ? {} : { mustAnswer: id }),
      },
    ];
  },
  message: (random, world) => [post(random, target(random, world), mutations(random, message(random)))],
  batch: (random, world) => {
    const batch = Array.from({ length: random.integer(0, random.chance(0.05) ? 300 : 12) }, () =>
      message(random),
    );
    return [post(random, target(random, world), random.chance(0.5) ? batch : mutations(random, batch))];
  },
  initialize: (random, world) => {
    const to = { header: undefined, user: world.user(random), own: undefined };
    const initialize = validInitialize(random, idOf(random, "i"));
    return [post(random, to, random.chance(0.4) ? initialize : mutations(random, initialize))];
  },
  resume: (random, world) => [get(random, target(random, world), world)],
  delete: (random, world) => {
    const to = target(random, world);
    return [exchangeOf(to, random, requestTo(to, "DELETE"))];
  },
  /** Several at once in one session: the same id twice, the same request twice, resumes, and its end among them. */
  race: (random, world) => {
    const to = target(random, world);
    const one = message(random);
    const exchanges = Array.from({ length: random.integer(2, 6) }, () => {
      if (random.chance(0.25)) return get(random, to, world);
      return post(random, to, random.chance(0.6) ? one : { ...message(random), id: one.id });
    });
    return random.chance(0.2) ? [...exchanges, exchangeOf(to, random, requestTo(to, "DELETE"))] : exchanges;
  },
  /** In a session of its own: with another's id, and the principal's header broken, it might come to be in its right. */
  bytes: (random, world) => {
    const to = ownTarget(random, world);
    const bytes = httpBytes({
      ...requestTo(to, "POST"),
      body: JSON.stringify(validRequest(random, idOf(random, "b"))),
    });
    const delivery = { pieces: [mutatedBytes(bytes, random)], resetAfter: { ms: 10 * FOLLOW_MS } };
    return [{ target: to, delivery }];
  },
  pipeline: (random, world) => {
    const to = target(random, world);
    const requests = Array.from({ length: random.integer(2, 8) }, () => {
      const kept = requestTo(to, "POST", { Connection: "keep-alive" });
      return httpBytes({
        ...kept,
        body: jsonText(random.chance(0.7) ? message(random) : mutations(random, message(random))),
      });
    });
    return [{ target: to, delivery: { pieces: [Buffer.concat(requests)], resetAfter: { ms: FOLLOW_MS } } }];
  },
} as const satisfies Record<string, Maker>;

const KINDS = (
  [
    ["valid", 20],
    ["message", 30],
    ["batch", 8],
    ["initialize", 5],
    ["resume", 20],
    ["delete", 1],
    ["race", 8],
    ["bytes", 5],
    ["pipeline", 3],
  ] as const
).flatMap(([kind, weight]) => Array<keyof typeof MAKERS>(weight).fill(kind));

type Json = Readonly<Record<string, unknown>>;

function message(random: SeededRandom): Json {
  return random.chance(0.75) ? validRequest(random, idOf(random, "")) : validAside(random, idOf(random, ""));
}

/** Few ids, so that they meet; with a prefix: one that nobody else has. */
function idOf(random: SeededRandom, prefix: string): string | number {
  if (prefix !== "") return `${prefix}${random.integer(0, 1e9)}-${random.integer(0, 1e9)}`;
  return random.chance(0.5) ? random.integer(0, 5) : `id ${random.integer(0, 5)}`;
}

function mutations(random: SeededRandom, value: unknown): unknown {
  let result = value;
  for (let n = random.integer(1, 3); n > 0; n -= 1) result = mutated(result, random);
  return result;
}

function framing(random: SeededRandom): "length" | "chunked" {
  return random.chance(0.7) ? "length" : "chunked";
}

function post(random: SeededRandom, to: Target, body: unknown): HostileExchange {
  const text = Buffer.from(jsonText(body));
  const bytes = random.chance(0.1) ? mutatedBytes(text, random) : text;
  const request: HttpBytes = { ...requestTo(to, "POST"), body: bytes, framing: framing(random) };
  return exchangeOf(to, random, random.chance(0.2) ? withOddHeaders(request, random) : request);
}

function get(random: SeededRandom, to: Target, world: HostileWorld): HostileExchange {
  const cursors = world.cursors();
  const cursor = random.chance(0.4) ? (pick(random, cursors) ?? "") : twistedCursor(cursors, random);
  const request = requestTo(to, "GET", random.chance(0.1) ? {} : { "Last-Event-ID": cursor });
  return exchangeOf(to, random, random.chance(0.1) ? withOddHeaders(request, random) : request);
}

/** Delivers a request as a good client does, or tears it, trickles it, or reads its answer slowly or not to its end. */
function exchangeOf(to: Target, random: SeededRandom, request: HttpBytes): HostileExchange {
  const bytes = httpBytes(request);
  const at = random.integer(0, bytes.length);
  const leave = random.chance(0.5) ? { ms: random.integer(1, FOLLOW_MS) } : { bytes: 1 };
  const mayFollow = request.method === "GET" ? { resetAfter: leave } : {};
  const ways: readonly Delivery[] = [
    { pieces: [bytes], ...mayFollow },
    { pieces: [bytes], ...mayFollow },
    { pieces: [bytes], ...mayFollow },
    { pieces: [bytes], resetAfter: { bytes: random.integer(1, 3_000), ms: FOLLOW_MS } },
    { pieces: [bytes], resetAfter: { ms: random.integer(0, 30) } },
    { pieces: [bytes.subarray(0, at)], resetAfter: { ms: random.integer(0, 30) } },
    { pieces: [bytes.subarray(0, at)], halfClose: true, resetAfter: { ms: 10 * FOLLOW_MS } },
    { pieces: [bytes], halfClose: true, ...mayFollow },
    { pieces: [bytes.subarray(0, at), bytes.subarray(at)], gapMs: random.integer(1, 50), ...mayFollow },
    { pieces: [bytes], readPauseMs: random.integer(1, 20), resetAfter: { ms: 3 * FOLLOW_MS } },
  ];
  return { target: to, delivery: pick(random, ways) ?? { pieces: [bytes] } };
}
