import assert from "node:assert/strict";
import type { Answer } from "./answer.js";

/** How a request is to be refused. */
export interface Refusal {
  readonly status: number;
  /** Code of the JSON-RPC error. */
  readonly code: number;
  /** The request's id, where it is known. Default: null. */
  readonly id?: string | number;
}

/** The codes of refusals that have several statuses, or go with several cases. */
export const CODES = { refused: -32000, notFound: -32001, invalid: -32600, internal: -32603, parse: -32700 };

/**
 * Waits for the whole answer and asserts that it is a JSON-RPC error and nothing else, byte for byte.
 *
 * Returns: the error's message
 */
export async function assertRefused(
  answer: Answer,
  { status, code, id }: Refusal,
  what = "",
): Promise<string> {
  await answer.untilOver();
  const came = `${what}: ${answer.status} ${answer.header("content-type")} ${answer.text.slice(0, 500)}`;
  assert.equal(answer.status, status, came);
  assert.match(answer.header("content-type") ?? "", /^application\/json(;|$)/, came);
  const body = parse(answer.text, came);
  assert.deepEqual([body.jsonrpc, body.id, body.error?.code], ["2.0", id ?? null, code], came);
  assert.equal(JSON.stringify(body), answer.text, "nothing around the JSON");
  return body.error?.message ?? "";
}

interface Body {
  readonly jsonrpc?: unknown;
  readonly id?: unknown;
  readonly error?: { readonly code: number; readonly message: string };
}

function parse(text: string, came: string): Body {
  try {
    return JSON.parse(text);
  } catch {
    assert.fail(`not JSON: ${came}`);
  }
}
