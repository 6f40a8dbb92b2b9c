import fc from "fast-check";

/** Which fence or version a step gives: the present one, one that is not the present one, or none. */
export type Expected = "present" | "other" | "none";

/** Streams of a session that come up in sequences. Only the inbox is trimmed, taken from and refuses, as in real life. */
export const STREAM_IDS = ["get", "post", "inbox"] as const;
export const SESSION_IDS = ["a", "a:b"] as const;

interface On {
  /** Which open handle does it. */
  readonly handle: number;
  readonly session: (typeof SESSION_IDS)[number];
}

interface OnStream extends On {
  readonly stream: (typeof STREAM_IDS)[number];
}

interface Written {
  readonly payload: string;
  readonly final: boolean;
}

/** One step of a sequence. Positions are taken modulo what the stream has, so that most of them mean something. */
export type Operation =
  | ({ readonly do: "create"; readonly ticks: number } & On)
  | ({ readonly do: "get" } & On)
  | ({ readonly do: "list" } & On)
  | ({ readonly do: "touch"; readonly ticks: number } & On)
  | ({ readonly do: "update"; readonly fence: Expected; readonly version: Expected; readonly n: number } & On)
  | ({ readonly do: "claim"; readonly fence: Expected } & On)
  | ({ readonly do: "release"; readonly fence: Expected } & On)
  | ({ readonly do: "terminate" } & On)
  | ({
      readonly do: "append";
      readonly events: readonly Written[];
      readonly fence: Expected;
      readonly end: boolean;
      readonly refuse: boolean;
    } & OnStream)
  | ({
      readonly do: "read";
      readonly after: number;
      readonly events: number;
      readonly bytes: number;
    } & OnStream)
  | ({ readonly do: "finals" } & OnStream)
  | ({ readonly do: "head" } & OnStream)
  | ({ readonly do: "trim"; readonly upTo: number; readonly fence: Expected } & OnStream)
  | ({
      readonly do: "take";
      readonly events: number;
      readonly bytes: number;
      readonly fence: Expected;
    } & OnStream)
  | ({ readonly do: "openStreams" } & On)
  | ({ readonly do: "advance"; readonly ticks: number } & On)
  | ({ readonly do: "sweep"; readonly limit: number } & On)
  | ({ readonly do: "reopen" } & On);

/** How often each kind of step comes up, relative to the others. */
export type Weights = { readonly [Kind in Operation["do"]]: number };

const on = { handle: fc.nat(2), session: fc.constantFrom(...SESSION_IDS) };
const onStream = { ...on, stream: fc.constantFrom(...STREAM_IDS) };
const ticks = fc.integer({ min: 1, max: 3 });
const expected = fc.oneof(
  { arbitrary: fc.constant<Expected>("present"), weight: 6 },
  { arbitrary: fc.constantFrom<Expected>("other", "none"), weight: 2 },
);
const rarely = fc.nat(7).map((n) => n === 7);
const payload = fc.constantFrom("", "x", "yy", "zzz", "é", "日本", "😀", "long payload");
const limits = { events: fc.integer({ min: 1, max: 5 }), bytes: fc.integer({ min: 1, max: 20 }) };
const written = fc.record({ payload, final: rarely });

const KINDS: { readonly [Kind in Operation["do"]]: fc.Arbitrary<Operation> } = {
  create: fc.record({ do: fc.constant("create"), ...on, ticks }),
  get: fc.record({ do: fc.constant("get"), ...on }),
  list: fc.record({ do: fc.constant("list"), ...on }),
  touch: fc.record({ do: fc.constant("touch"), ...on, ticks }),
  update: fc.record({ do: fc.constant("update"), ...on, fence: expected, version: expected, n: fc.nat(99) }),
  claim: fc.record({ do: fc.constant("claim"), ...on, fence: expected }),
  release: fc.record({ do: fc.constant("release"), ...on, fence: expected }),
  terminate: fc.record({ do: fc.constant("terminate"), ...on }),
  append: fc.record({
    do: fc.constant("append"),
    ...onStream,
    events: fc.array(written, { minLength: 1, maxLength: 4 }),
    fence: expected,
    end: rarely,
    refuse: fc.boolean(),
  }),
  read: fc.record({ do: fc.constant("read"), ...onStream, after: fc.nat(1_000), ...limits }),
  finals: fc.record({ do: fc.constant("finals"), ...onStream }),
  head: fc.record({ do: fc.constant("head"), ...onStream }),
  trim: fc.record({ do: fc.constant("trim"), ...onStream, upTo: fc.nat(1_000), fence: expected }),
  take: fc.record({ do: fc.constant("take"), ...onStream, ...limits, fence: expected }),
  openStreams: fc.record({ do: fc.constant("openStreams"), ...on }),
  advance: fc.record({ do: fc.constant("advance"), ...on, ticks }),
  sweep: fc.record({ do: fc.constant("sweep"), ...on, limit: fc.integer({ min: 1, max: 3 }) }),
  reopen: fc.record({ do: fc.constant("reopen"), ...on }),
};

/** Sequences of steps, of the kinds that have a weight. */
export function sequences(weights: Weights): fc.Arbitrary<Operation[]> {
  const kinds = Object.entries(KINDS).map(([kind, arbitrary]) => {
    return { arbitrary, weight: weights[kind as Operation["do"]] };
  });
  return fc.array(fc.oneof(...kinds), { minLength: 5, maxLength: 60, size: "max" });
}
