import { execFileSync } from "node:child_process";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Store } from "@durable-mcp/contract";
import { describe, expect, it, onTestFinished } from "vitest";
import { createSession, keyOf, messages, openStore, readAll, sweepAll, thrownBy } from "./open-store.js";
import { tempDir, tempFile } from "./temp-dir.js";

const MAX_FILE_BYTES = 512 * 1024;

/** Appends until the store is full. Returns: the newest acknowledged offset */
async function fill(store: Store, sessionId: string, bytes = 5_000): Promise<number> {
  for (let acknowledged = 0; ; ) {
    const [event] = messages(1, bytes);
    try {
      const result = await store.log.append(keyOf(sessionId), [event as never]);
      if (result.outcome !== "ok") throw new Error(result.outcome);
      acknowledged = result.last;
    } catch (error) {
      expect(error).toMatchObject({ code: "STORE_FULL", retryable: true });
      return acknowledged;
    }
  }
}

describe("maxFileBytes", () => {
  it("G7 G8 a full file keeps what was acknowledged, and goes on when there is room", async () => {
    const file = tempFile();
    const store = openStore({ file, maxFileBytes: MAX_FILE_BYTES });
    await createSession(store, "s");
    await createSession(store, "other");
    await store.log.append(keyOf("other"), messages(20, 5_000));
    const acknowledged = await fill(store, "s");
    expect(acknowledged).toBeGreaterThan(10);

    const error = await thrownBy(() => store.ready());
    expect(error).toMatchObject({ code: "STORE_FULL" });
    expect(error.message).toContain(file);
    expect(error.message).toContain("maxFileBytes");
    expect(await readAll(store, keyOf("s"))).toHaveLength(acknowledged);
    expect(await store.sessions.touch("s", 900_000)).toEqual({ outcome: "ok" });
    expect(await store.sessions.claim("s", 1, "node-2")).toMatchObject({ outcome: "ok" });

    expect(await store.sessions.terminate("other")).toEqual({ outcome: "ok" });
    await store.ready();
    const next = await store.log.append(keyOf("s"), messages(1), { fence: 2 });
    expect(next).toEqual({ outcome: "ok", last: acknowledged + 1 });
    await store.close();

    const reopened = openStore({ file, maxFileBytes: 2 * MAX_FILE_BYTES });
    expect(await readAll(reopened, keyOf("s"))).toHaveLength(acknowledged + 1);
    await fill(reopened, "s");
    expect((await reopened.log.head(keyOf("s")))?.last).toBeGreaterThan(acknowledged + 20);
  });

  it("G8 one append that has no room leaves its neighbours in the same commit alone", async () => {
    const store = openStore({ file: tempFile(), maxFileBytes: MAX_FILE_BYTES });
    await createSession(store, "s");
    const outcomes = await Promise.allSettled([
      store.log.append(keyOf("s"), messages(1)),
      store.log.append(keyOf("s"), messages(1, 2 * MAX_FILE_BYTES)),
      store.log.append(keyOf("s"), messages(1)),
    ]);
    expect(outcomes).toMatchObject([
      { status: "fulfilled", value: { outcome: "ok", last: 1 } },
      { status: "rejected", reason: { code: "STORE_FULL" } },
      { status: "fulfilled", value: { outcome: "ok", last: 2 } },
    ]);
  });

  it("G7 a file full to the last page can still be swept, and its sessions live on", async () => {
    let nowMs = 1_000_000;
    const retention = { maxAgeMs: 1_000 };
    const store = openStore({
      file: tempFile(),
      maxFileBytes: 2 * MAX_FILE_BYTES,
      now: () => nowMs,
      retention,
    });
    const sessionIds = Array.from({ length: 1_000 }, (_, index) => `session-${index}`);
    const keys = sessionIds.flatMap((id) => [keyOf(id, "a"), keyOf(id, "b")]);
    const appendToAll = () => Promise.all(keys.map((key) => store.log.append(key, messages(1, 1))));
    await Promise.all(sessionIds.map((id) => createSession(store, id, 1_000_000)));
    await appendToAll();
    nowMs += 500;
    await appendToAll();
    await createSession(store, "ballast");
    await fill(store, "ballast", 5_000);
    await fill(store, "ballast", 1);

    // Each of these moves a row of an index to its end, where there is no page left for it.
    for (const id of sessionIds) expect(await store.sessions.touch(id, 2_000_000)).toEqual({ outcome: "ok" });
    expect(await thrownBy(() => store.ready())).toMatchObject({ code: "STORE_FULL" });
    nowMs += 500;
    for (const id of sessionIds) {
      const taken = await store.log.take(keyOf(id, "b"), { events: 1, bytes: 1 }, 1);
      expect(taken).toMatchObject({ outcome: "ok", events: [{ offset: 2 }], more: false });
    }
    await sweepAll(store, 1);
    expect(await store.log.head(keyOf("session-0", "a"))).toEqual({ last: 2, oldest: 2, ended: false });
    nowMs += 500;
    await sweepAll(store);
    await store.ready();
    expect(await store.log.append(keyOf("session-0"), messages(10))).toMatchObject({ outcome: "ok" });
  });
});

/** A file system of 2 MiB. Returns: its directory, or why there is none */
function mountTinyDisk(): { dir: string } | { reason: string } {
  const dir = tempDir();
  try {
    execFileSync("/bin/mount", ["-t", "tmpfs", "-o", "size=2m", "tmpfs", dir], { stdio: "pipe" });
    return { dir };
  } catch (error) {
    rmSync(dir, { recursive: true });
    return { reason: `cannot mount a tmpfs here (needs root on Linux): ${String(error).split("\n")[0]}` };
  }
}

describe("a full disk", () => {
  it("G8 acknowledges nothing that is lost, and goes on by itself when there is room", async (context) => {
    const disk = mountTinyDisk();
    if ("reason" in disk) return context.skip(disk.reason);
    onTestFinished(() => {
      execFileSync("/bin/umount", [disk.dir]);
      rmSync(disk.dir, { recursive: true });
    });
    const file = join(disk.dir, "store.db");
    const ballast = join(disk.dir, "ballast");
    writeFileSync(ballast, Buffer.alloc(1024 * 1024));
    const store = openStore({ file });
    await createSession(store, "s");
    const acknowledged = await fill(store, "s");
    expect(acknowledged).toBeGreaterThan(10);
    expect(await thrownBy(() => store.ready())).toMatchObject({ code: "STORE_FULL" });
    expect(await readAll(store, keyOf("s"))).toHaveLength(acknowledged);

    rmSync(ballast);
    await store.ready();
    const next = await store.log.append(keyOf("s"), messages(1));
    expect(next).toEqual({ outcome: "ok", last: acknowledged + 1 });
    const more = await fill(store, "s");
    await store.close();
    const reopened = openStore({ file });
    expect(await readAll(reopened, keyOf("s"))).toHaveLength(more);
    await reopened.close();
  });
});
