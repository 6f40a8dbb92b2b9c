import { randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { text } from "node:stream/consumers";
import { numbered } from "../numbered-notification.js";
import { serve } from "./serve.js";

// No MCP server at all: node:http that parses the same JSON-RPC and writes the same bytes. What the platform allows.

const SSE = { "content-type": "text/event-stream", "cache-control": "no-cache, no-transform" };
const FRAMES_PER_WRITE = 256;

interface Request {
  readonly id?: number;
  readonly method: string;
  readonly params: { readonly name: string; readonly arguments: { text: string; count: number } };
}

/** Session id -> number of its last stream. */
const sessions = new Map<string, number>();
/** Stream id -> its frames, so that it can be resumed. */
const streams = new Map<string, readonly string[]>();

serve((request, response) => void handle(request, response));

async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const sessionId = String(request.headers["mcp-session-id"] ?? randomUUID());
  if (request.method === "POST") answer(JSON.parse(await text(request)) as Request, sessionId, response);
  else if (request.method === "GET") follow(String(request.headers["last-event-id"] ?? ""), response);
  else response.writeHead(sessions.delete(sessionId) ? 200 : 404).end();
}

function answer(message: Request, sessionId: string, response: ServerResponse): void {
  if (message.id === undefined) {
    response.writeHead(202).end();
    return;
  }
  const { id, method, params } = message;
  const streamNumber = (sessions.get(sessionId) ?? 0) + 1;
  sessions.set(sessionId, streamNumber);
  const streamId = `p.${sessionId}.${streamNumber}.${id}`;
  response.writeHead(200, { ...SSE, "mcp-session-id": sessionId });
  response.write(frame(streamId, 0, ""));
  if (method === "initialize") {
    const serverInfo = { name: "bench", version: "1" };
    const result = { protocolVersion: "2025-11-25", capabilities: { logging: {}, tools: {} }, serverInfo };
    response.end(frame(streamId, 1, JSON.stringify({ result, jsonrpc: "2.0", id })));
    return;
  }
  const { count = 0, text: said = `sent ${count}` } = params.arguments;
  const result = { content: [{ type: "text", text: said }] };
  const frames = Array.from({ length: count }, (_, n) =>
    frame(streamId, n + 1, JSON.stringify({ ...numbered(n), jsonrpc: "2.0" })),
  );
  frames.push(frame(streamId, count + 1, JSON.stringify({ result, jsonrpc: "2.0", id })));
  if (count > 0) streams.set(streamId, frames);
  write(frames, response);
}

function follow(lastEventId: string, response: ServerResponse): void {
  response.writeHead(200, SSE);
  response.flushHeaders();
  const [, streamId = "", offset] = /^(.*)\.(\d+)$/.exec(lastEventId) ?? [];
  const frames = streams.get(streamId);
  if (frames) write(frames.slice(Number(offset)), response);
}

function write(frames: readonly string[], response: ServerResponse): void {
  for (let at = 0; at < frames.length; at += FRAMES_PER_WRITE) {
    response.write(frames.slice(at, at + FRAMES_PER_WRITE).join(""));
  }
  response.end();
}

function frame(streamId: string, offset: number, data: string): string {
  return `id: ${streamId}.${offset}\n${offset === 0 ? "retry: 3000\n" : ""}data: ${data}\n\n`;
}
