import { checkHistory } from "./check-history.js";
import type { History } from "./history.js";
import { writeHistory } from "./history-file.js";
import { faultsAsText, historyOf } from "./history-text.js";

/** How many violations are told with all that led to them. */
const TOLD = 5;

/**
 * Judges a history.
 *
 * Shapes:  about: what repeats the run
 * Errors:  tells of the violations, the faults, what happened to the calls concerned, and where the whole history is
 */
export async function expectClean(history: History, about: string, serverErrors: string): Promise<void> {
  const violations = checkHistory(history);
  if (violations.length === 0) return;
  const file = await writeHistory(history);
  const concerned = [...new Set(violations.flatMap(({ of }) => of ?? []))].slice(0, TOLD);
  throw new Error(
    [
      `${violations.length} violations. ${about}; the whole history is in ${file}`,
      ...violations.slice(0, 10 * TOLD).map(({ sentence }) => `- ${sentence}`),
      `Faults:\n${faultsAsText(history)}`,
      ...concerned.map((name) => `${name}:\n${historyOf(history, name)}`),
      ...(serverErrors.trim() === "" ? [] : [`The nodes have said last:\n${serverErrors.slice(-4_000)}`]),
    ].join("\n\n"),
  );
}
