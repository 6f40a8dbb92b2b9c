import { existsSync, mkdirSync, statSync } from "node:fs";
import { dirname } from "node:path";

/**
 * Creates a missing folder, and those above it. Not with `recursive`, which never returns for a folder below /proc
 * (Node 20).
 *
 * Shapes:  folder: absolute
 * Errors:  the file system's
 */
export function createFolder(folder: string): void {
  if (existsSync(folder)) return;
  const parent = dirname(folder);
  // The root of a drive that is not there has none above it.
  if (parent !== folder) createFolder(parent);
  try {
    mkdirSync(folder);
  } catch (error) {
    // Another process can have been faster.
    if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) throw error;
  }
}
