import { parseEventId } from "@durable-mcp/contract";

/** A JSON-RPC message from a stream. */
export interface StreamMessage {
  readonly id?: string | number | null;
  readonly method?: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into whatever the server sent
  readonly params?: any;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into whatever the server sent
  readonly result?: any;
  readonly error?: { readonly code: number; readonly message: string };
}

/**
 * Every event of a stream is built as ours are: at most one id, which is a cursor of ours, one `data` of one line, which
 * is empty or one JSON-RPC message, and one `retry`. So nothing that was sent has become a line of its own.
 *
 * Shapes:  whole: the stream has ended; otherwise its last event may be unfinished
 */
export function checkSse(body: string, whole: boolean): void {
  const blocks = body.split("\n\n");
  const unfinished = blocks.pop();
  if (whole && unfinished !== "") throw new Error("the stream ends within an event");
  for (const block of blocks) checkEvent(block);
}

/** The messages of a stream, in order. */
export function messagesOf(body: string): readonly StreamMessage[] {
  const blocks = body.split("\n\n").slice(0, -1);
  const lines = blocks.flatMap((block) => block.split("\n"));
  return lines
    .filter((line) => line.startsWith("data: {"))
    .map((line) => JSON.parse(line.slice("data: ".length)));
}

/** The cursors of a stream, in order. */
export function cursorsOf(body: string): readonly string[] {
  return [...body.matchAll(/^id: (.+)$/gm)].map(([, id]) => id ?? "");
}

function checkEvent(block: string): void {
  if (block === ": keep-alive") return;
  const seen = new Set<string>();
  for (const line of block.split("\n")) {
    const [, name, value] = /^(id|data|retry|event): (.*)$/s.exec(line) ?? [];
    if (name === undefined || value === undefined)
      throw new Error(`not a line of an event: ${line.slice(0, 200)}`);
    if (seen.has(name)) throw new Error(`two lines ${name} in one event`);
    seen.add(name);
    if (/[\r\0]/.test(value)) throw new Error(`a control character in ${name}`);
    if (name === "id" && (!/^[\x21-\x7e]+$/.test(value) || !parseEventId(value))) {
      throw new Error(`not a cursor: ${value.slice(0, 200)}`);
    }
    if (name === "retry" && !/^\d+$/.test(value)) throw new Error(`not a time: ${value}`);
    if (name === "event" && value !== "message") throw new Error(`not a kind of event: ${value}`);
    if (name === "data" && value !== "") checkMessage(value);
  }
}

function checkMessage(data: string): void {
  const message = JSON.parse(data);
  const { jsonrpc, method, result, error } = message;
  const parts = [method, result, error].filter((part) => part !== undefined);
  if (jsonrpc !== "2.0" || parts.length !== 1)
    throw new Error(`not a JSON-RPC message: ${data.slice(0, 200)}`);
}
