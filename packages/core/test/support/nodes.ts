import type { SessionRecord } from "@durable-mcp/contract";
import { createMemoryBackend, type MemoryBackendOptions } from "@durable-mcp/store-memory";
import { expect, onTestFinished } from "vitest";
import type { McpEndpointOptions } from "../../src/index.js";
import { PING } from "./answer-rows.js";
import { ControlledStore } from "./controlled-store.js";
import { soon } from "./soon.js";
import { TestBed, TestClient } from "./test-session.js";

/** Time in ms after which a node without a heartbeat is dead, in these tests. */
export const EXPIRY_MS = 500;

interface NodesOptions {
  readonly version?: string;
  readonly headers?: Record<string, string>;
  readonly backend?: MemoryBackendOptions;
}

/** Two nodes on one store, and a client that has opened a session at the first. */
export async function twoNodes(
  options: Partial<McpEndpointOptions> = {},
  { version = "2025-11-25", headers = {}, backend: backendOptions }: NodesOptions = {},
) {
  const backend = createMemoryBackend(backendOptions);
  const newNode = (more: Partial<McpEndpointOptions> = {}) => {
    const bed = new TestBed(
      { heartbeatTtlMs: EXPIRY_MS, ...options, ...more },
      new ControlledStore({ backend }),
    );
    onTestFinished(() => bed.endpoint.close());
    return bed;
  };
  const [owner, other] = [newNode(), newNode()];
  const here = await owner.open(version, headers);
  /** The client at another node. */
  const at = (bed: TestBed) => new TestClient(bed.endpoint, here.sessionId, here.headers);
  /** Data that no node is in the way of. */
  const { inner } = owner.control;
  const record = async () => (await inner.sessions.get(here.sessionId)) as SessionRecord;
  const keyOf = (streamId: string) => ({ sessionId: here.sessionId, streamId });
  return { backend, owner, other, here, there: at(other), at, newNode, inner, record, keyOf };
}

/** Everything that a node asks of the store. */
const OPERATIONS = [
  ...(["append", "read", "finals", "head", "openStreams", "trim", "take", "watch"] as const),
  ...(["create", "get", "update", "touch", "claim", "release", "terminate", "list", "sweep"] as const),
  ...(["heartbeat", "isAlive"] as const),
];

/** From now on the node reaches nobody, as if it had died. */
export function die({ control }: TestBed): void {
  control.fail(...OPERATIONS);
}

/** From now on an operation of a node waits, until the test is over at the latest. Returns: what lets it go on */
export function held({ control }: TestBed, operation: (typeof OPERATIONS)[number]): () => void {
  const release = control.hold(operation);
  onTestFinished(release);
  return release;
}

/** From now on nothing that the node does reaches anybody, as if its process stood still. Returns: what wakes it up */
export function pause(bed: TestBed): () => void {
  const releases = OPERATIONS.map((operation) => held(bed, operation));
  return () => {
    for (const release of releases) release();
  };
}

/** Waits until a node owns the session. */
export function owned(bed: TestBed): Promise<void> {
  return soon(() => expect(bed.endpoint.stats().sessions).toBe(1));
}

/** Waits until the node of a client, which is being drained, takes no new work. */
export function finishing(client: TestClient): Promise<void> {
  return soon(async () => expect((await client.post(PING)).status).toBe(503));
}

/** A logger that keeps the lines. */
export function keptLog() {
  const lines: { readonly message: string; readonly details: Record<string, unknown> }[] = [];
  const keep = (message: string, details: object = {}) =>
    void lines.push({ message, details: { ...details } });
  return { lines, logger: { info: keep, warn: keep, error: keep } };
}

/** The JSON-RPC error of a call whose owner went away. */
export const INTERRUPTED = { error: { code: -31010, data: { reason: "INTERRUPTED", retryable: true } } };
