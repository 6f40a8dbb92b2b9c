import { createHash } from "node:crypto";

/** How resources of the configured apps are addressed by clients. Works for URIs and URI templates alike. */
export interface UriScheme {
  /** The URI that clients see: `<app>+<uri>`. */
  toPublic(app: string, uri: string): string;
  /** The app and its own URI; undefined if the URI is no configured app's. */
  toOrigin(publicUri: string): { readonly app: string; readonly uri: string } | undefined;
}

/**
 * URIs that depend on the configuration alone. The app's name becomes part of the URI's scheme, which knows no `_`
 * (written `.`), begins with a letter (`x` is put before anything else) and ignores case; apps that would then share
 * a prefix get a hash of their name in it.
 *
 * Shapes:  apps: the names of all configured apps
 * Source:  RFC 3986, 3.1
 */
export function createUriScheme(apps: readonly string[]): UriScheme {
  const plainPrefixes = apps.map((app) => plainPrefix(app));
  const prefixes = new Map<string, string>();
  const appsByPrefix = new Map<string, string>();
  for (const app of apps) {
    const plain = plainPrefix(app);
    const shared = plainPrefixes.filter((other) => other.toLowerCase() === plain.toLowerCase()).length > 1;
    const prefix = shared ? `${plain}.${shortHash(app)}` : plain;
    prefixes.set(app, prefix);
    appsByPrefix.set(prefix.toLowerCase(), app);
  }
  return {
    toPublic: (app, uri) => `${prefixes.get(app) ?? plainPrefix(app)}+${uri}`,
    toOrigin: (publicUri) => {
      const plus = publicUri.indexOf("+");
      const app = appsByPrefix.get(publicUri.slice(0, Math.max(plus, 0)).toLowerCase());
      return app === undefined ? undefined : { app, uri: publicUri.slice(plus + 1) };
    },
  };
}

function plainPrefix(app: string): string {
  const safe = app.replaceAll("_", ".");
  return /^[A-Za-z]/.test(safe) ? safe : `x${safe}`;
}

function shortHash(app: string): string {
  return createHash("sha256").update(app).digest("hex").slice(0, 8);
}
