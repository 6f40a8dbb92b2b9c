import { existsSync, readFileSync } from "node:fs";
import { afterEach, beforeEach } from "vitest";
import { EverythingProcess } from "./everything-process.js";
import type { SdkName } from "./sdk-table.js";
import { type STORES, temporaryDirectory } from "./store-table.js";

/** How long an interrupted call may take to conclude, in ms (G4). */
export const CONCLUSION_DEADLINE_MS = 10_000;

/** Gives each test that follows an everything server of its own, of that SDK, on that store. */
export function useDurableServer({
  nameIn,
  sdk,
}: Pick<(typeof STORES)[number], "nameIn"> & { readonly sdk: SdkName }): {
  start(...args: string[]): Promise<EverythingProcess>;
  /** The keys that calls of test_side_effect have left behind. */
  sideEffects(): readonly string[];
} {
  let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
  let everything: EverythingProcess | undefined;
  const sideEffectFile = () => `${directory.path}/side-effects`;

  beforeEach(async () => {
    directory = await temporaryDirectory();
  });
  afterEach(async () => {
    await everything?.kill();
    await directory.remove();
  });

  return {
    start: async (...args) => {
      everything = await EverythingProcess.start({
        store: nameIn(directory.path),
        sdk,
        args,
        env: { SIDE_EFFECT_FILE: sideEffectFile() },
      });
      return everything;
    },
    sideEffects: () =>
      existsSync(sideEffectFile()) ? readFileSync(sideEffectFile(), "utf8").split("\n").slice(0, -1) : [],
  };
}
