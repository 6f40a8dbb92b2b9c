import { closeSync, openSync, renameSync, statSync, writeSync } from "node:fs";
import { expect, it } from "vitest";
import { createSession, keyOf, messages, openStore, readAll, thrownBy } from "./open-store.js";
import { tempFile } from "./temp-dir.js";

it("G8 damage that is found in use is told, and nothing more is written", { timeout: 30_000 }, async () => {
  const file = tempFile();
  const retention = { maxEvents: 1_000_000, maxBytes: 1024 ** 3 };
  const store = openStore({ file, retention });
  await createSession(store, "s");
  await store.log.append(keyOf("s", "small"), messages(3));
  // More than is checked when a file is opened.
  for (let batch = 0; batch < 35; batch += 1) await store.log.append(keyOf("s"), messages(200, 10_000));
  await store.close();

  const garbage = Buffer.alloc(1024 * 1024, 0xaa);
  const descriptor = openSync(file, "r+");
  writeSync(descriptor, garbage, 0, garbage.length, Math.floor(statSync(file).size / 2 / 4096) * 4096);
  closeSync(descriptor);

  const damaged = openStore({ file, retention });
  await damaged.ready();
  const error = await thrownBy(() => readAll(damaged, keyOf("s")));
  expect(error).toMatchObject({ code: "STORE_CORRUPT", retryable: false });
  expect(error.message).toContain(file);
  expect(await thrownBy(() => damaged.ready())).toMatchObject({ code: "STORE_CORRUPT" });
  const append = () => damaged.log.append(keyOf("s", "small"), messages(1));
  expect(await thrownBy(append)).toMatchObject({ code: "STORE_CORRUPT" });
  expect(await readAll(damaged, keyOf("s", "small")), "the rest can be read").toHaveLength(3);
});

it("G8 is not ready when the file was taken away", async () => {
  const file = tempFile();
  const store = openStore({ file });
  await store.ready();
  renameSync(file, `${file}.old`);
  expect(await thrownBy(() => store.ready())).toMatchObject({ code: "STORE_UNAVAILABLE" });
  renameSync(`${file}.old`, file);
  await store.ready();
});
