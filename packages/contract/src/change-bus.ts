/** Something changed that clients of other nodes may have subscribed to. */
export interface Change {
  /** What changed, such as `tools/list_changed`. */
  readonly topic: string;
  readonly payload: string;
}

/** Tells all nodes of changes, for `subscriptions/listen`. Best effort: what may have been missed is said by `onGap`. */
export interface ChangeBus {
  /**
   * Hands the change to every subscriber of every node.
   *
   * Errors:  STORE_UNAVAILABLE (retryable)
   */
  publish(change: Change): Promise<void>;

  /**
   * Calls `listener` for each later change, in the order of one publisher's publishing, and `onGap` whenever changes may have been missed.
   *
   * Returns: resolves once every later change is certain to come; stops at `signal`
   * Errors:  STORE_UNAVAILABLE (retryable)
   */
  subscribe(
    listener: (change: Change) => void,
    options: { readonly onGap: () => void; readonly signal: AbortSignal },
  ): Promise<void>;
}
