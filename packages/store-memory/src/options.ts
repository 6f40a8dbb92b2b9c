import { DEFAULT_RETENTION, type Retention } from "@durable-mcp/contract";
import { z } from "zod";
import { MemoryBackend } from "./memory-backend.js";

/** Options of `createMemoryBackend`. */
export interface MemoryBackendOptions {
  /** What is kept, per stream unless said otherwise. Default: `DEFAULT_RETENTION` of the contract. */
  readonly retention?: Partial<Retention>;
  /** The clock, Unix time in ms. Default: `Date.now`. */
  readonly now?: () => number;
}

/** Options of `createMemoryStore`. `retention` and `now` are for a store on its own; a backend has its own. */
export interface MemoryStoreOptions extends MemoryBackendOptions {
  /** The data to work on, shared with every other store opened on it. Default: data of this store's own. */
  readonly backend?: MemoryBackend;
}

const positive = z.int("expected an integer >= 1").min(1, "expected an integer >= 1");

const backendShape = {
  retention: z
    .strictObject({
      maxEvents: positive.default(DEFAULT_RETENTION.maxEvents),
      maxBytes: positive.default(DEFAULT_RETENTION.maxBytes),
      maxAgeMs: positive.default(DEFAULT_RETENTION.maxAgeMs),
      maxEndedStreams: positive.default(DEFAULT_RETENTION.maxEndedStreams),
    })
    .optional(),
  now: z
    .custom<() => number>((value) => typeof value === "function", "expected a function that returns ms")
    .optional(),
};

const backendSchema = z.strictObject(backendShape);

const storeSchema = z
  .strictObject({
    ...backendShape,
    backend: z
      .custom<MemoryBackend>(
        (value) => value instanceof MemoryBackend,
        "expected what createMemoryBackend() returned",
      )
      .optional(),
  })
  .superRefine((options, context) => {
    for (const name of ["retention", "now"] as const) {
      if (options.backend && options[name] !== undefined) {
        context.addIssue({
          code: "custom",
          path: [name],
          message: "expected on createMemoryBackend() when backend is set",
        });
      }
    }
  });

/** Errors:  TypeError that names each wrong or unknown option and what was expected */
export function parseBackendOptions(options: unknown) {
  return parse("createMemoryBackend", backendSchema, options);
}

/** Errors:  TypeError that names each wrong or unknown option and what was expected */
export function parseStoreOptions(options: unknown) {
  return parse("createMemoryStore", storeSchema, options);
}

function parse<T>(caller: string, schema: z.ZodType<T>, options: unknown): T {
  const result = schema.safeParse(options);
  if (result.success) return result.data;
  const complaints = result.error.issues.flatMap((issue) => {
    const path = ["options", ...issue.path].join(".");
    if (issue.code === "unrecognized_keys") return issue.keys.map((key) => `${path}.${key}: unknown option`);
    return `${path}: ${issue.message}`;
  });
  throw new TypeError(`${caller}: ${complaints.join("; ")}`);
}
