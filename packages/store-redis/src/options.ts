import { DEFAULT_RETENTION, type Retention } from "@durable-mcp/contract";
import type { Cluster, Redis } from "ioredis";
import { z } from "zod";

/** Options of `createRedisStore`. */
export interface RedisStoreOptions {
  /** Where Redis or Valkey is: `redis://` or `rediss://`. The store then has connections of its own. */
  readonly url?: string;
  /** An ioredis `Redis` or `Cluster` to use in place of `url`. The store opens one more connection by `duplicate()`. */
  readonly client?: Redis | Cluster;
  /** What every key begins with. Default: `durable-mcp:`. */
  readonly keyPrefix?: string;
  /** What is kept, per stream unless said otherwise. Default: `DEFAULT_RETENTION` of the contract. */
  readonly retention?: Partial<Retention>;
  /** Time in ms after which an operation that Redis does not answer fails, 5,000 at most. Default: 1,500. */
  readonly timeoutMs?: number;
  /** The clock, Unix time in ms, for tests. Default: the server's. */
  readonly now?: () => number;
}

/** Half of what scripts remember of calls that may be sent again, in ms. */
const LONGEST_TIMEOUT_MS = 5_000;

const positive = z.int("expected an integer >= 1").min(1, "expected an integer >= 1");

const schema = z
  .strictObject({
    url: z
      .string()
      .regex(/^rediss?:\/\//, "expected redis:// or rediss://")
      .optional(),
    client: z
      .custom<Redis | Cluster>(
        (value) => typeof (value as Redis | undefined)?.evalsha === "function",
        "expected an ioredis Redis or Cluster",
      )
      .optional(),
    keyPrefix: z
      .string()
      .refine((prefix) => !/[{}]/.test(prefix), "must not contain { or }")
      .default("durable-mcp:"),
    retention: z
      .strictObject({
        maxEvents: positive.default(DEFAULT_RETENTION.maxEvents),
        maxBytes: positive.default(DEFAULT_RETENTION.maxBytes),
        maxAgeMs: positive.default(DEFAULT_RETENTION.maxAgeMs),
        maxEndedStreams: positive.default(DEFAULT_RETENTION.maxEndedStreams),
      })
      .default(DEFAULT_RETENTION),
    timeoutMs: positive.max(LONGEST_TIMEOUT_MS, `expected at most ${LONGEST_TIMEOUT_MS}`).default(1_500),
    now: z
      .custom<() => number>((value) => typeof value === "function", "expected a function that returns ms")
      .optional(),
  })
  .refine(
    ({ url, client }) => (url === undefined) !== (client === undefined),
    "expected either url or client",
  );

/** The same, with every default in place. */
export type RedisStoreSettings = z.output<typeof schema>;

/** Errors:  TypeError that names each wrong or unknown option and what was expected */
export function parseOptions(options: unknown): RedisStoreSettings {
  const result = schema.safeParse(options);
  if (result.success) return result.data;
  const complaints = result.error.issues.flatMap((issue) => {
    const path = ["options", ...issue.path].join(".");
    if (issue.code === "unrecognized_keys") return issue.keys.map((key) => `${path}.${key}: unknown option`);
    return `${path}: ${issue.message}`;
  });
  throw new TypeError(`createRedisStore: ${complaints.join("; ")}`);
}
