import { type HttpBytes, httpBytes } from "./http-bytes.js";
import type { Outcome } from "./outcomes.js";
import type { Delivery } from "./raw-exchange.js";
import type { Attack } from "./stage.js";

/** Stands for the id of a fresh session, in header values. */
export const SESSION = "<session>";

/** One request of the corpus and every outcome that is right. */
export interface Row {
  readonly name: string;
  readonly request: HttpBytes;
  readonly outcomes: readonly Outcome[];
  /** Revision of the fresh session. Default: 2025-11-25. */
  readonly revision?: string;
  readonly delivery?: Omit<Delivery, "pieces">;
  /** The bytes in pieces. Default: all at once. */
  readonly cut?: (bytes: Buffer) => readonly Uint8Array[];
}

type Changes = Readonly<Record<string, string | readonly string[] | undefined>>;

const COMMON = { Host: "127.0.0.1", Connection: "close", "Mcp-Session-Id": SESSION };
const POST = {
  ...COMMON,
  Accept: "application/json, text/event-stream",
  "Content-Type": "application/json",
};

/** Headers by name, some of them replaced, left out (undefined) or repeated (several values). */
function headers(usual: Changes, changes: Changes): HttpBytes["headers"] {
  return Object.entries({ ...usual, ...changes }).flatMap(([name, value]) =>
    value === undefined ? [] : [value].flat().map((one) => [name, String(one)] as const),
  );
}

/** A POST in which everything else is right. */
export function post(
  body: HttpBytes["body"],
  changes: Changes = {},
  rest: Partial<HttpBytes> = {},
): HttpBytes {
  return {
    method: "POST",
    headers: headers(POST, changes),
    ...(body === undefined ? {} : { body }),
    ...rest,
  };
}

/** A request without a body in which everything else is right. */
export function bare(method: string, changes: Changes = {}, rest: Partial<HttpBytes> = {}): HttpBytes {
  return { method, headers: headers({ ...COMMON, Accept: "text/event-stream" }, changes), ...rest };
}

/** JSON text of a request; `params` and `id` are JSON texts too, and may say what JSON.stringify cannot. */
export function rpc(method: string, params = "{}", id = "7"): string {
  return `{"jsonrpc":"2.0","id":${id},"method":${JSON.stringify(method)},"params":${params}}`;
}

export function toolCall(name: string, args = "{}", id = "7"): string {
  return rpc("tools/call", `{"name":${JSON.stringify(name)},"arguments":${args}}`, id);
}

/** How long a row may take, in ms: none asks for anything that takes time. */
const ROW_DEADLINE_MS = 4_000;

/** The row as an attack: a fresh session, one exchange, one of the outcomes. */
export function attackOf({ name, request, outcomes, revision, delivery, cut }: Row): Attack {
  return {
    name: `${name}: ${outcomes.map(({ says }) => says).join(", or ")}`,
    run: (stage) =>
      stage.withSession(revision, async (session) => {
        const named = request.headers.map(
          ([header, value]) => [header, value.replaceAll(SESSION, session.id)] as const,
        );
        const bytes = httpBytes({ ...request, headers: named });
        const askers = named.some(([, value]) => value.trim() === session.id) ? [session.id] : [];
        const { answers, ended } = await stage.exchange(
          { deadlineMs: ROW_DEADLINE_MS, pieces: cut?.(bytes) ?? [bytes], ...delivery },
          askers,
        );
        const [answer] = answers;
        if (ended === "late") throw new Error(`No end of the answer: ${JSON.stringify(answer)}`);
        if (answers.length > 1) throw new Error(`${answers.length} answers to one request`);
        if (!outcomes.some((outcome) => outcome.matches(answer))) {
          throw new Error(`Came: ${JSON.stringify(answer)?.slice(0, 2_000)}`);
        }
      }),
  };
}
