import type { HostileAction } from "./hostile-action.js";

/** How many actions are remembered, and how many bytes of each request. */
const REMEMBERED = 80;
const EXCERPT = 300;

/** One line of the log, as JSON: enough to make the action again, and to see what it was. */
interface LoggedAction {
  readonly n: number;
  readonly lane: number;
  readonly seed: number;
  readonly kind: string;
  readonly requests: readonly { readonly sent: string; readonly delivery: object }[];
}

/** Remembers the last actions. */
export class ActionLog {
  readonly #lines: LoggedAction[] = [];
  count = 0;

  add(lane: number, seed: number, { kind, exchanges }: HostileAction): void {
    this.count += 1;
    const requests = exchanges.map(({ delivery: { pieces, ...delivery } }) => ({
      sent: Buffer.concat(pieces).subarray(0, EXCERPT).toString("latin1"),
      delivery,
    }));
    this.#lines.push({ n: this.count, lane, seed, kind, requests });
    if (this.#lines.length > REMEMBERED) this.#lines.shift();
  }

  /** JSON lines, oldest first. */
  toString(): string {
    return this.#lines.map((line) => JSON.stringify(line)).join("\n");
  }
}

/** The seeds of a log's actions, in order. */
export function seedsOf(log: string): readonly number[] {
  return log
    .split("\n")
    .filter((line) => line.startsWith("{"))
    .map((line) => JSON.parse(line).seed);
}
