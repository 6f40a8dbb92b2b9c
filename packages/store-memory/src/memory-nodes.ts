import type { Nodes } from "@durable-mcp/contract";
import type { MemoryBackend } from "./memory-backend.js";

/** The heartbeats of a backend's nodes. */
export class MemoryNodes implements Nodes {
  readonly #backend: MemoryBackend;

  constructor(backend: MemoryBackend) {
    this.#backend = backend;
  }

  async heartbeat(nodeId: string, ttlMs: number): Promise<void> {
    const { heartbeats } = this.#backend;
    const now = this.#backend.now();
    // Dead nodes never come back under their ids. There are few nodes, and few heartbeats, so looking at all is cheap.
    for (const [id, expiresAtMs] of heartbeats) {
      if (expiresAtMs <= now) heartbeats.delete(id);
    }
    heartbeats.set(nodeId, now + ttlMs);
  }

  async isAlive(nodeId: string): Promise<boolean> {
    return (this.#backend.heartbeats.get(nodeId) ?? 0) > this.#backend.now();
  }
}
