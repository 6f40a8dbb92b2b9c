import type { UpstreamConnection } from "./upstream-connection.js";

/** Longest an upstream may take to accept a setting, in ms. */
const SETTING_TIMEOUT_MS = 5_000;

/** What a client has set at an upstream: told again to each new connection, since an upstream's memory dies with it. */
export class UpstreamState {
  readonly #subscriptions = new Set<string>();
  #logLevel: unknown;
  #appliedBefore = false;

  /** Remembers the log level and tells it to the connection there is. An upstream that refuses it is left alone. */
  async setLogLevel(level: unknown, connection: UpstreamConnection | undefined): Promise<void> {
    this.#logLevel = level;
    if (connection) await applyLogLevel(connection, level);
  }

  /** Whether the client waits for updates. */
  get hasSubscriptions(): boolean {
    return this.#subscriptions.size > 0;
  }

  subscribed(uri: string): void {
    this.#subscriptions.add(uri);
  }

  unsubscribed(uri: string): void {
    this.#subscriptions.delete(uri);
  }

  /**
   * Tells it all to a new connection.
   *
   * Shapes:  onUpdated: called for each resource whose updates may have been missed since the connection before
   */
  async apply(connection: UpstreamConnection, onUpdated: (uri: string) => void): Promise<void> {
    const subscriptions = [...this.#subscriptions].map(async (uri) => {
      await set(connection, "resources/subscribe", { uri });
      return uri;
    });
    const level = this.#logLevel === undefined ? undefined : applyLogLevel(connection, this.#logLevel);
    const [uris] = await Promise.all([Promise.all(subscriptions), level]);
    if (this.#appliedBefore) for (const uri of uris) onUpdated(uri);
    this.#appliedBefore = true;
  }
}

async function applyLogLevel(connection: UpstreamConnection, level: unknown): Promise<void> {
  if (connection.capabilities.logging) await set(connection, "logging/setLevel", { level });
}

async function set(connection: UpstreamConnection, method: string, params: Record<string, unknown>) {
  // A setting that is refused must not cost the client the upstream.
  await connection.request(method, params, { timeoutMs: SETTING_TIMEOUT_MS }).catch(() => {});
}
