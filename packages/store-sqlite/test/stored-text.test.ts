import { expect, it } from "vitest";
import { createSession, keyOf, openStore } from "./open-store.js";
import { tempFile } from "./temp-dir.js";

const HALVES = ["\ud83d", "\ude00", "a\ud83d", "\ufffd"];

it("G3 texts that UTF-8 cannot tell apart stay apart, as ids and as payloads", async () => {
  const file = tempFile();
  const store = openStore({ file });
  for (const half of HALVES) {
    await createSession(store, half);
    for (const streamId of HALVES) {
      await store.log.append(keyOf(half, streamId), [{ kind: "message", payload: half + streamId }]);
    }
  }
  await store.close();
  const reopened = openStore({ file });
  for (const half of HALVES) {
    expect((await reopened.sessions.get(half))?.id).toBe(half);
    expect(await reopened.log.openStreams(half)).toEqual(HALVES);
    for (const streamId of HALVES) {
      const page = await reopened.log.read(keyOf(half, streamId), 0, { events: 10, bytes: 100 });
      expect(page).toMatchObject({ outcome: "page", events: [{ payload: half + streamId }] });
    }
  }
});
