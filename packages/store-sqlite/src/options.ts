import { resolve } from "node:path";
import { DEFAULT_RETENTION, type Retention } from "@durable-mcp/contract";
import { z } from "zod";

/** Options of `createSqliteStore`. */
export interface SqliteStoreOptions {
  /** Path of the database file. It and its directory are created when missing; `-wal` is written beside it. */
  readonly file: string;
  /** What is kept, per stream unless said otherwise. Default: `DEFAULT_RETENTION` of the contract. */
  readonly retention?: Partial<Retention>;
  /**
   * What an acknowledged write survives. `normal`: the end of the process, `kill -9` included. `full`: power loss too,
   * at the price of one flush of the disk per commit. Default: `normal`.
   */
  readonly synchronous?: "normal" | "full";
  /** Most bytes of the database file; reaching it is STORE_FULL. The `-wal` beside it is not counted. Default: 4 GiB. */
  readonly maxFileBytes?: number;
  /** The clock, Unix time in ms. Default: `Date.now`. */
  readonly now?: () => number;
}

/** The options as the store works with them: complete, and `file` absolute. */
export interface ParsedOptions {
  readonly file: string;
  readonly retention: Retention;
  readonly synchronous: "normal" | "full";
  readonly maxFileBytes: number;
  readonly now: () => number;
}

const positive = z.int("expected an integer >= 1").min(1, "expected an integer >= 1");

/** The empty tables alone take about 64 KiB. */
const MIN_FILE_BYTES = 128 * 1024;
const FILE_BYTES = `expected an integer >= ${MIN_FILE_BYTES} (bytes)`;

const schema = z.strictObject(
  {
    file: z
      .string("expected the path of the database file")
      .min(1, "expected the path of the database file")
      .refine((file) => file !== ":memory:", {
        message: "expected a path; for a store in memory use @durable-mcp/store-memory",
        abort: true,
      })
      .refine((file) => !file.startsWith("file:"), { message: "expected a path, not a URL", abort: true })
      // Absolute, because the process may change its directory, and SQLite reads some relative names as URLs.
      .transform((file) => resolve(file)),
    retention: z
      .strictObject(
        {
          maxEvents: positive.default(DEFAULT_RETENTION.maxEvents),
          maxBytes: positive.default(DEFAULT_RETENTION.maxBytes),
          maxAgeMs: positive.default(DEFAULT_RETENTION.maxAgeMs),
          maxEndedStreams: positive.default(DEFAULT_RETENTION.maxEndedStreams),
        },
        "expected an object",
      )
      .default(DEFAULT_RETENTION),
    synchronous: z.enum(["normal", "full"], 'expected "normal" or "full"').default("normal"),
    maxFileBytes: z
      .int(FILE_BYTES)
      .min(MIN_FILE_BYTES, FILE_BYTES)
      .default(4 * 1024 ** 3),
    now: z
      .custom<() => number>((value) => typeof value === "function", "expected a function that returns ms")
      .default(() => Date.now),
  },
  "expected an object with `file`",
);

/** Errors:  TypeError that names each wrong or unknown option and what was expected */
export function parseOptions(options: unknown): ParsedOptions {
  const result = schema.safeParse(options);
  if (result.success) return result.data;
  const complaints = result.error.issues.flatMap((issue) => {
    const path = ["options", ...issue.path].join(".");
    if (issue.code === "unrecognized_keys") return issue.keys.map((key) => `${path}.${key}: unknown option`);
    return `${path}: ${issue.message}`;
  });
  throw new TypeError(`createSqliteStore: ${complaints.join("; ")}`);
}
