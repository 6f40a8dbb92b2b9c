import { afterAll, assert, describe, it, onTestFinished } from "vitest";
import { BINDINGS } from "../support/binding-table.js";
import { EverythingProcess } from "../support/everything-process.js";
import { SDKS } from "../support/sdk-table.js";
import { STORES, temporaryDirectory } from "../support/store-table.js";
import { resultsTable, type TableRow } from "./results-table.js";
import { runSuite, SUITE_DEADLINE_MS } from "./suite-runner.js";
import { complaintsAbout } from "./verdict.js";

const REVISIONS = [
  { revision: "2025-11-25", expected: { passed: 84, orMore: false } },
  { revision: "2025-06-18", expected: { passed: 56, orMore: true } },
  { revision: "2025-03-26", expected: { passed: 3, orMore: true } },
];
/** Every SDK and store at every revision through node:http; every other binding at the newest revision. */
const CELLS = SDKS.flatMap((sdk) =>
  STORES.flatMap((store) =>
    BINDINGS.flatMap((binding) =>
      REVISIONS.filter(({ revision }) => binding === "node" || revision === "2025-11-25").map((revision) => ({
        binding,
        sdk,
        kind: store.kind,
        store,
        ...revision,
      })),
    ),
  ),
);

const rows: TableRow[] = [];
afterAll(() => console.log(resultsTable(rows)));

describe("the public conformance suite finds no fault", { timeout: SUITE_DEADLINE_MS + 30_000 }, () => {
  it.each(CELLS)(
    "through $binding, SDK $sdk on $kind at $revision",
    async ({ binding, sdk, store, revision, expected }) => {
      const directory = await temporaryDirectory();
      onTestFinished(directory.remove);
      const server = await EverythingProcess.start({ store: store.nameIn(directory.path), sdk, binding });
      onTestFinished(() => server.kill());

      const run = await runSuite(server.url, revision, directory.path);
      rows.push({ binding, sdk, store: store.kind, revision, ...run });
      const complaints = complaintsAbout(run, expected);
      assert(complaints.length === 0, `${complaints.join("\n")}\n${server.errors}`);
    },
  );
});
