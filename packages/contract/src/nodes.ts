/** Which nodes are alive: one heartbeat per node, not per session (G6). */
export interface Nodes {
  /**
   * Says that `nodeId` is alive for the next `ttlMs` ms.
   *
   * Errors:  STORE_UNAVAILABLE (retryable)
   */
  heartbeat(nodeId: string, ttlMs: number): Promise<void>;

  /**
   * Whether the node's last heartbeat has not run out.
   *
   * Errors:  STORE_UNAVAILABLE (retryable)
   */
  isAlive(nodeId: string): Promise<boolean>;
}
