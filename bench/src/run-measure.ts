import type { Figure, Measure, Unit } from "./measures/measure.js";
import type { BenchOptions } from "./options.js";
import type { Scale } from "./scale.js";
import { ServerProcess } from "./server-process.js";
import type { Subject } from "./subjects.js";

/** A row of the table: what every round has brought, by subject. */
export interface Row {
  readonly label: string;
  readonly unit: Unit;
  readonly values: Map<Subject, number[]>;
}

/**
 * Runs one measure: each round goes through all subjects, and each subject gets a fresh server process each time.
 *
 * Errors:  WrongAnswer, with the measure and the subject
 */
export async function runMeasure(
  measure: Measure,
  { scale, subjects, profile }: BenchOptions,
  progress: (text: string) => void,
): Promise<readonly Row[]> {
  const rows = new Map<string, Row>();
  for (let round = 1; round <= scale.rounds; round += 1) {
    for (const subject of subjects) {
      progress(`${measure.name}, round ${round} of ${scale.rounds}, ${subject}`);
      const name = `${measure.name}-${subject}-${round}.cpuprofile`;
      const server = await ServerProcess.start(
        subject,
        profile === undefined ? undefined : { folder: profile, name },
      );
      for (const figure of await runOnce(measure, server, scale)) add(rows, subject, figure);
    }
  }
  return [...rows.values()];
}

async function runOnce(measure: Measure, server: ServerProcess, scale: Scale): Promise<readonly Figure[]> {
  try {
    return await measure.run(server, scale);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`${measure.name}, ${server.subject}: ${reason}`, { cause: error });
  } finally {
    await server.stop();
  }
}

function add(rows: Map<string, Row>, subject: Subject, { label, unit, value }: Figure): void {
  const row = rows.get(label) ?? { label, unit, values: new Map() };
  rows.set(label, row);
  row.values.set(subject, [...(row.values.get(subject) ?? []), value]);
}
