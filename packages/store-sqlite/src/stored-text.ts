// String.isWellFormed: Node 20 has it, although not all of ES2024.
/// <reference lib="es2024.string" />
import { Buffer } from "node:buffer";

/** Text as a column holds it. */
export type StoredText = string | Buffer;

/**
 * SQLite keeps text as UTF-8, which has no form for half a surrogate pair: two different ids with such halves would
 * become one (G3). Such a text is kept as a blob of its UTF-16 code units, which equals no text.
 */
export function toStored(text: string): StoredText {
  return text.isWellFormed() ? text : Buffer.from(text, "utf16le");
}

export function fromStored(stored: StoredText): string {
  return typeof stored === "string" ? stored : stored.toString("utf16le");
}
