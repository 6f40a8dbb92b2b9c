import { parseArgs } from "node:util";
import { DEFAULT_MEASURES, MEASURES } from "./measures/all-measures.js";
import type { Measure } from "./measures/measure.js";
import { FULL, QUICK, type Scale } from "./scale.js";
import { SUBJECTS, type Subject } from "./subjects.js";

export interface BenchOptions {
  readonly scale: Scale;
  readonly measures: readonly Measure[];
  readonly subjects: readonly Subject[];
  /** Where the figures of every round are written as JSON. */
  readonly json: string | undefined;
  /** Where CPU profiles of the server processes are written. */
  readonly profile: string | undefined;
}

const NAMES = MEASURES.map(({ name }) => name);

export const USAGE = `Measures Durable MCP side by side with the official SDK's transport.

  --rounds <n>       rounds, interleaved (default ${FULL.rounds}; with --quick ${QUICK.rounds})
  --only <names>     of ${NAMES.join(",")} (default ${DEFAULT_MEASURES.map(({ name }) => name).join(",")})
  --subjects <names> of ${SUBJECTS.join(",")} (default all)
  --quick            a short run of about a minute, for a first look
  --json <file>      also writes the figures of every round
  --profile <folder> writes a CPU profile of each server process there
  --help             says this
`;

/**
 * Reads the command line.
 *
 * Returns: undefined for --help
 * Errors:  TypeError that says what was expected
 */
export function parseOptions(args: readonly string[]): BenchOptions | undefined {
  const { values } = parseArgs({
    args: [...args],
    options: {
      rounds: { type: "string" },
      only: { type: "string" },
      subjects: { type: "string" },
      quick: { type: "boolean", default: false },
      json: { type: "string" },
      profile: { type: "string" },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) return undefined;
  const scale = values.quick ? QUICK : FULL;
  const only = namesOf("--only", values.only, NAMES);
  const subjects = namesOf("--subjects", values.subjects, SUBJECTS);
  return {
    scale: { ...scale, rounds: roundsOf(values.rounds) ?? scale.rounds },
    measures: only ? MEASURES.filter(({ name }) => only.includes(name)) : DEFAULT_MEASURES,
    subjects: SUBJECTS.filter((subject) => subjects?.includes(subject) ?? true),
    json: values.json,
    profile: values.profile,
  };
}

function roundsOf(value: string | undefined): number | undefined {
  if (value === undefined) return undefined;
  if (/^[1-9]\d{0,3}$/.test(value)) return Number(value);
  throw new TypeError(`--rounds: expected an integer >= 1, got ${value}`);
}

function namesOf<T extends string>(
  option: string,
  value: string | undefined,
  known: readonly T[],
): readonly T[] | undefined {
  return value?.split(",").map((name) => {
    const found = known.find((one) => one === name);
    if (found === undefined) throw new TypeError(`${option}: expected ${known.join(", ")}, got ${name}`);
    return found;
  });
}
