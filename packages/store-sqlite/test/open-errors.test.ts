import {
  chmodSync,
  closeSync,
  mkdirSync,
  openSync,
  readFileSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { dirname, join } from "node:path";
import Database from "better-sqlite3";
import { describe, expect, it, vi } from "vitest";
import { CHILDREN, nextLine, startChild } from "./child-process.js";
import { createSession, keyOf, messages, openStore, readAll, thrownBy } from "./open-store.js";
import { tempFile } from "./temp-dir.js";

/** A closed store's file with a session and a stream in it. */
async function writtenFile(events = 2_000): Promise<string> {
  const file = tempFile();
  const store = openStore({ file });
  await createSession(store, "s");
  await store.log.append(keyOf("s"), messages(events));
  await store.close();
  return file;
}

function overwrite(file: string, position: number, bytes: Buffer): void {
  const descriptor = openSync(file, "r+");
  writeSync(descriptor, bytes, 0, bytes.length, position);
  closeSync(descriptor);
}

/** Opening must fail with that code, name the file, and leave it byte for byte as it is. */
async function expectRefused(file: string, code: string, detail: string): Promise<void> {
  const before = readFileSync(file);
  const error = await thrownBy(() => openStore({ file }));
  expect(error).toMatchObject({ code });
  expect(error.message).toContain(file);
  expect(error.message).toContain(detail);
  expect(readFileSync(file).equals(before), "the file is untouched").toBe(true);
}

// Starting processes takes its time on a busy machine.
vi.setConfig({ testTimeout: 30_000 });

describe("files that are refused", () => {
  it("G8 a damaged header", async () => {
    const file = await writtenFile();
    overwrite(file, 0, Buffer.alloc(100, 0xaa));
    await expectRefused(file, "STORE_CORRUPT", "restore a backup");
  });

  it("G8 a damaged page in the middle", async () => {
    const file = await writtenFile();
    overwrite(file, 4096 * 60, Buffer.alloc(4096, 0xaa));
    await expectRefused(file, "STORE_CORRUPT", "damaged");
  });

  it("G8 a truncated file", async () => {
    const file = await writtenFile();
    truncateSync(file, 4096 * 20);
    await expectRefused(file, "STORE_CORRUPT", "malformed");
  });

  it("G8 a damaged file whose process was killed", async () => {
    const file = await writtenFile();
    const child = startChild(CHILDREN.append, [file, 1]);
    await nextLine(child);
    await child.kill();
    overwrite(file, 4096 * 60, Buffer.alloc(4096, 0xaa));
    await expectRefused(file, "STORE_CORRUPT", "damaged");
  });

  it("G4 an emptied file, whose WAL SQLite would delete", async () => {
    const file = tempFile();
    const child = startChild(CHILDREN.append, [file, 1]);
    await nextLine(child);
    await child.kill();
    truncateSync(file, 0);
    const wal = readFileSync(`${file}-wal`);
    await expectRefused(file, "STORE_CORRUPT", "-wal");
    expect(readFileSync(`${file}-wal`).equals(wal)).toBe(true);
  });

  it("G8 what is no database at all", async () => {
    const file = tempFile();
    writeFileSync(file, "a letter to a friend\n".repeat(100));
    await expectRefused(file, "STORE_CORRUPT", "not a database");
  });

  it("another program's database", async () => {
    const file = tempFile();
    const db = new Database(file);
    db.exec("CREATE TABLE theirs (x)");
    db.close();
    await expectRefused(file, "STORE_CORRUPT", "of another program");
  });

  it("another program's database whose process was killed", async () => {
    const file = tempFile();
    const child = startChild(CHILDREN.crash, [file]);
    await new Promise((resolve) => child.process.once("close", resolve));
    const wal = readFileSync(`${file}-wal`);
    expect(wal.length).toBeGreaterThan(0);
    await expectRefused(file, "STORE_CORRUPT", "of another program");
    expect(readFileSync(`${file}-wal`).equals(wal)).toBe(true);
  });

  it("a file of a newer version", async () => {
    const file = await writtenFile();
    const db = new Database(file);
    db.pragma("user_version = 99");
    db.close();
    await expectRefused(file, "STORE_TOO_NEW", "Upgrade this package");
  });

  it("G8 a file whose tables are not what they should be", async () => {
    const file = await writtenFile();
    const db = new Database(file);
    db.exec("DROP TABLE events");
    db.close();
    await expectRefused(file, "STORE_CORRUPT", "no such table: events");
    // Once more: the first try has not kept the lock.
    await expectRefused(file, "STORE_CORRUPT", "no such table: events");
  });

  it("a directory", async () => {
    const file = tempFile();
    mkdirSync(file);
    const error = await thrownBy(() => openStore({ file }));
    expect(error).toMatchObject({ code: "STORE_READ_ONLY" });
    expect(error.message).toContain(file);
  });

  it("a directory that cannot be made, since a file is in its place", async () => {
    const parent = tempFile();
    writeFileSync(parent, "");
    const error = await thrownBy(() => openStore({ file: join(parent, "store.db") }));
    expect(error).toMatchObject({ code: "STORE_READ_ONLY" });
    expect(error.message).toContain(parent);
  });

  // Node's recursive mkdir never returns for such a one.
  it.skipIf(process.platform !== "linux")(
    "a directory that cannot be made, since it is below /proc",
    async () => {
      const file = "/proc/nope/deep/store.db";
      const error = await thrownBy(() => openStore({ file }));
      expect(error).toMatchObject({ code: "STORE_READ_ONLY", retryable: false });
      expect(error.message).toContain(
        `SQLite store ${file}: it cannot be opened for writing. Check the path`,
      );
      expect(error.message).toContain("'/proc/nope'");
    },
  );
});

// Root may write anywhere, so the store is opened by a process of the user "nobody".
const nobody = 65_534;
const isRoot = process.getuid?.() === 0;

describe.skipIf(!isRoot && process.platform === "win32")("files that this user may not write to", () => {
  const asOther = isRoot ? { uid: nobody, gid: nobody } : {};

  it("G8 a read-only file", async () => {
    const file = await writtenFile();
    chmodSync(dirname(file), 0o755);
    chmodSync(file, 0o444);
    const before = readFileSync(file);
    expect(await nextLine(startChild(CHILDREN.hold, [file], asOther))).toMatch(
      /^STORE_READ_ONLY .*store\.db/,
    );
    expect(readFileSync(file).equals(before)).toBe(true);
  });

  it("G8 a directory without permission to write", async () => {
    const file = tempFile();
    chmodSync(dirname(file), 0o555);
    expect(await nextLine(startChild(CHILDREN.hold, [file], asOther))).toMatch(
      /^STORE_READ_ONLY .*store\.db/,
    );
    chmodSync(dirname(file), 0o755);
  });
});

describe("one process per file", () => {
  it("a second store in this process is refused at once, and does no harm to the first", async () => {
    const file = tempFile();
    const store = openStore({ file });
    await createSession(store, "s");
    const error = await thrownBy(() => openStore({ file }));
    expect(error).toMatchObject({ code: "STORE_LOCKED", retryable: true });
    expect(error.message).toContain(`${file}: it is in use by another process`);
    expect(error.message).toContain("stop the other, or use another file");
    expect(await nextLine(startChild(CHILDREN.hold, [file])), "the lock is still held").toMatch(
      /^STORE_LOCKED/,
    );
    await store.ready();
  });

  it("another process is refused, and gets in when this one has closed", async () => {
    const file = tempFile();
    const store = openStore({ file });
    expect(await nextLine(startChild(CHILDREN.hold, [file]))).toMatch(/^STORE_LOCKED .*store\.db/);
    await store.close();
    expect(await nextLine(startChild(CHILDREN.hold, [file]))).toBe("open");
  });

  it("G4 kill -9 of the holder gives the file free", async () => {
    const file = tempFile();
    const child = startChild(CHILDREN.append, [file, 1]);
    await nextLine(child);
    expect(await thrownBy(() => openStore({ file }))).toMatchObject({ code: "STORE_LOCKED" });
    await child.kill();
    const store = openStore({ file });
    await store.ready();
    expect((await readAll(store, keyOf("s", "stream-1"))).length).toBeGreaterThan(0);
  });

  it("exactly one of several processes wins that start at once on a new file", async () => {
    for (let round = 1; round <= 3; round += 1) {
      const file = tempFile();
      const startAtMs = Date.now() + 500;
      const children = [1, 2, 3].map(() => startChild(CHILDREN.hold, [file, startAtMs]));
      const lines = await Promise.all(children.map(nextLine));
      expect(
        lines.filter((line) => line === "open"),
        lines.join("\n"),
      ).toHaveLength(1);
      expect(lines.filter((line) => line.startsWith("STORE_LOCKED"))).toHaveLength(2);
      await Promise.all(children.map((child) => child.kill()));
    }
  });
});
