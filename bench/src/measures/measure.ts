import type { Scale } from "../scale.js";
import type { ServerProcess } from "../server-process.js";

/** `count` is compared with nothing. */
export type Unit = "per second" | "ms" | "µs" | "KiB" | "MiB" | "count";

/** One figure of one subject from one round. */
export interface Figure {
  /** Names the row of the table. The same for every subject. */
  readonly label: string;
  readonly unit: Unit;
  readonly value: number;
}

/** A workload. It gets a fresh server process each time. */
export interface Measure {
  readonly name: string;
  /** Errors:  WrongAnswer */
  run(server: ServerProcess, scale: Scale): Promise<readonly Figure[]>;
}
