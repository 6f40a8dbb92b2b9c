import { z } from "zod";

const checksSchema = z.array(
  z.object({
    id: z.string(),
    status: z.enum(["SUCCESS", "FAILURE", "WARNING", "SKIPPED", "INFO"]),
    description: z.string(),
    errorMessage: z.string().optional(),
  }),
);

/** What the suite wrote about one scenario. */
export interface RecordedScenario {
  /** server-<scenario>-<time> */
  readonly folder: string;
  /** Content of its checks.json; undefined if there is none, because the scenario threw or was cut off. */
  readonly checks: string | undefined;
}

/** A check that failed, or passed with a warning. */
interface Fault {
  readonly scenario: string;
  readonly check: string;
  readonly status: "FAILURE" | "WARNING";
  readonly message: string;
}

/** What the suite found, counted in checks the way it counts them itself. */
export interface Results {
  readonly scenarios: number;
  readonly passed: number;
  readonly failed: number;
  readonly warnings: number;
  readonly skipped: number;
  readonly faults: readonly Fault[];
}

/**
 * Reads what the suite wrote to its output directory. A scenario without checks is one failure.
 *
 * Errors:  SyntaxError or ZodError if a file is not what this version of the suite writes
 */
export function readResults(recorded: readonly RecordedScenario[]): Results {
  const checks = recorded.flatMap(({ folder, checks: text }) => {
    const scenario = scenarioOf(folder);
    return text === undefined
      ? [{ scenario, ...UNFINISHED }]
      : checksSchema.parse(JSON.parse(text)).map((check) => ({ scenario, ...check }));
  });
  const count = (wanted: string) => checks.filter(({ status }) => status === wanted).length;
  return {
    scenarios: recorded.length,
    passed: count("SUCCESS"),
    failed: count("FAILURE"),
    warnings: count("WARNING"),
    skipped: count("SKIPPED"),
    faults: checks.flatMap(({ scenario, id, status, description, errorMessage }) =>
      status === "FAILURE" || status === "WARNING"
        ? [{ scenario, check: id, status, message: errorMessage ?? description }]
        : [],
    ),
  };
}

const UNFINISHED = {
  id: "unfinished",
  status: "FAILURE",
  description: "",
  errorMessage: "The scenario threw or was cut off: it left no checks",
} as const;

function scenarioOf(folder: string): string {
  return folder.replace(/^server-/, "").replace(/-\d{4}-\d{2}-\d{2}T[\d-]+Z$/, "");
}

/** What the suite prints about a whole run. */
export type Totals = Pick<Results, "scenarios" | "passed" | "failed">;

/** Reads the suite's first and last line. Returns: undefined if it did not get that far */
export function readTotals(printed: string): Totals | undefined {
  const scenarios = /^Running .* \((\d+) scenarios\) against /m.exec(printed)?.[1];
  const total = /^Total: (\d+) passed, (\d+) failed$/m.exec(printed);
  if (scenarios === undefined || !total) return undefined;
  return { scenarios: Number(scenarios), passed: Number(total[1]), failed: Number(total[2]) };
}
