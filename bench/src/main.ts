import { writeFileSync } from "node:fs";
import { formatJson } from "./json-report.js";
import { describeRun } from "./machine.js";
import { type BenchOptions, parseOptions, USAGE } from "./options.js";
import { type Row, runMeasure } from "./run-measure.js";
import { formatTable } from "./table.js";

const options = readOptions();
if (options) await run(options);
else process.stdout.write(USAGE);

/** The table goes to stdout, and what is going on to stderr. */
async function run(wanted: BenchOptions): Promise<void> {
  const description = describeRun(new Date(), wanted.scale);
  const rows: Row[] = [];
  for (const measure of wanted.measures) {
    rows.push(...(await runMeasure(measure, wanted, (text) => process.stderr.write(`${text}\n`))));
  }
  process.stdout.write(`${description}\n\n${formatTable(rows, wanted.subjects)}\n`);
  if (wanted.json !== undefined) writeFileSync(wanted.json, formatJson(description, rows));
}

function readOptions(): BenchOptions | undefined {
  try {
    return parseOptions(process.argv.slice(2));
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    process.stderr.write(`${error.message}\n\n${USAGE}`);
    process.exit(2);
  }
}
