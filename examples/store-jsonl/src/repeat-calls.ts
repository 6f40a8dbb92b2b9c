import { DurableMcpError } from "@durable-mcp/contract";

/** A line of the file, the first one aside. */
interface Call {
  readonly atMs: number;
  readonly call: string;
  /** The first one names the session. */
  readonly args: readonly [string | { readonly id?: string; readonly sessionId?: string }, ...unknown[]];
}

/** What the calls are made on. */
interface Target {
  readonly calls: Readonly<Record<string, (...args: never[]) => Promise<{ readonly outcome: string }>>>;
  readonly setTime: (atMs: number) => void;
  readonly isLive: (sessionId: string) => Promise<boolean>;
}

/**
 * Makes the calls of a file's lines again, each at its time.
 *
 * Returns: the lines that are still needed: of each session that is live now, those since it was created
 * Errors:  STORE_CORRUPT
 */
export async function repeatCalls(lines: AsyncIterable<string>, target: Target): Promise<string[]> {
  const repeated: { readonly line: string; readonly sessionId: string }[] = [];
  const births = new Map<string, number>();
  for await (const line of lines) {
    if (line === "") continue;
    const { atMs, call, args } = parse(line, target);
    const sessionId = typeof args[0] === "string" ? args[0] : String(args[0].id ?? args[0].sessionId);
    // JSON has no undefined.
    const given = args.map((arg) => arg ?? undefined) as never[];
    target.setTime(atMs);
    // What rejected at its time rejects again.
    const result = await target.calls[call]?.(...given).catch(() => undefined);
    if (call === "create" && result?.outcome === "ok") births.set(sessionId, repeated.length);
    repeated.push({ line, sessionId });
  }
  for (const sessionId of births.keys()) {
    if (!(await target.isLive(sessionId))) births.delete(sessionId);
  }
  return repeated
    .filter(({ sessionId }, index) => index >= (births.get(sessionId) ?? Number.POSITIVE_INFINITY))
    .map(({ line }) => line);
}

function parse(line: string, { calls }: Target): Call {
  try {
    const parsed: Call = JSON.parse(line);
    if (Object.hasOwn(calls, parsed.call) && parsed.args[0] && Number.isSafeInteger(parsed.atMs))
      return parsed;
  } catch {
    // Said below.
  }
  throw new DurableMcpError("STORE_CORRUPT", `Not a call of this store: ${line.slice(0, 100)}`);
}
