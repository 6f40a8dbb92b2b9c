/** Revisions of the sessionful era, newest first. The two oldest are negotiated by SDK servers and clients too. */
export const SESSIONFUL_VERSIONS: readonly string[] = [
  "2025-11-25",
  "2025-06-18",
  "2025-03-26",
  "2024-11-05",
  "2024-10-07",
];

/** The revision of a request that says nothing of it, outside of any session. */
export const DEFAULT_VERSION = "2025-03-26";

/** Whether clients of this revision understand priming events and server-closed streams (2025-11-25 and later). */
export function supportsPriming(version: string): boolean {
  return version >= "2025-11-25";
}

/** Whether this revision has JSON-RPC batches (before 2025-06-18). */
export function allowsBatches(version: string): boolean {
  return version < "2025-06-18";
}
