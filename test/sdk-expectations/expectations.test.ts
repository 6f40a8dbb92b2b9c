import { describe, expect, test } from "vitest";
import { SDKS } from "../support/sdk-table.js";
import { BEHIND_THE_ENDPOINT } from "./behind-the-endpoint.js";
import { CONNECTING_AND_CLOSING } from "./connecting-and-closing.js";
import { NEGOTIATING } from "./negotiating.js";
import { RECEIVING } from "./receiving.js";
import { SDK_V1 } from "./sdk-v1.js";
import { SDK_V2 } from "./sdk-v2.js";
import { SENDING } from "./sending.js";

const SDK = { v1: SDK_V1, v2: SDK_V2 };

/** What each SDK expects of a transport, and does with it. A release that changes it fails here. */
const TABLE = {
  "connecting and closing": CONNECTING_AND_CLOSING,
  negotiating: NEGOTIATING,
  receiving: RECEIVING,
  sending: SENDING,
  "behind the endpoint": BEHIND_THE_ENDPOINT,
};

for (const [topic, expectations] of Object.entries(TABLE)) {
  describe.each(SDKS)(`${topic}, SDK %s`, (name) => {
    for (const expectation of expectations) {
      test(expectation.what, async () => {
        expect(await expectation.observe(SDK[name])).toStrictEqual(expectation[name]);
      });
    }
  });
}
