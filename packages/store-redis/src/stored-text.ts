// String.isWellFormed: Node 20 has it, although not all of ES2024.
/// <reference lib="es2024.string" />
import { Buffer } from "node:buffer";

/**
 * Redis keeps bytes, and UTF-8 has no form for half a surrogate pair: two different ids with such halves would become one
 * (G3). The first character tells which form a text is in.
 */
export function toStored(text: string): string {
  return text.isWellFormed() ? `s${text}` : `x${Buffer.from(text, "utf16le").toString("base64url")}`;
}

export function fromStored(stored: string): string {
  const rest = stored.slice(1);
  return stored.startsWith("s") ? rest : Buffer.from(rest, "base64url").toString("utf16le");
}
