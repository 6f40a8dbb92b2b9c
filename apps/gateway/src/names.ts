import { createHash } from "node:crypto";

const MAX_LENGTH = 64;
const PLAIN = /^[A-Za-z0-9_./-]{1,64}$/;
const NOT_PLAIN = /[^A-Za-z0-9_./-]/g;
/** How a hashed name ends. A plain name that ends like this is hashed too, so the ending always tells which it is. */
const HASHED = /-[0-9a-f]{8}$/;

/** Whose tool or prompt a public name is. A hashed name must be looked for among the names of its candidates. */
type NameOrigin =
  | { readonly kind: "plain"; readonly app: string; readonly name: string }
  | { readonly kind: "hashed"; readonly candidates: readonly string[] };

/** How tools and prompts of the configured apps are called by clients. */
export interface NameScheme {
  /** The name that clients see: `app_name`, 1-64 characters of A-Z a-z 0-9 _ . / -. */
  toPublic(app: string, name: string): string;
  /** Whose name it is; undefined if no configured app's. */
  toOrigin(publicName: string): NameOrigin | undefined;
}

/**
 * Names that depend on the configuration alone, not on which upstreams are up, so that they outlive restarts.
 * `app_name` stays as it is where it can be read back in one way only. Where it cannot (too long, odd characters,
 * or another app's name begins it, as with `a` and `a_b`), it is shortened and ends in a hash of app and name.
 *
 * Shapes:  apps: the names of all configured apps
 */
export function createNameScheme(apps: readonly string[]): NameScheme {
  const longestFirst = [...apps].sort((a, b) => b.length - a.length || (a < b ? -1 : 1));
  const candidatesOf = (publicName: string) => longestFirst.filter((app) => publicName.startsWith(`${app}_`));

  return {
    toPublic: (app, name) => {
      const plain = `${app}_${name}`;
      const readable = PLAIN.test(plain) && !HASHED.test(plain) && candidatesOf(plain)[0] === app;
      return readable ? plain : hashedName(app, name);
    },
    toOrigin: (publicName) => {
      const candidates = candidatesOf(publicName);
      const [app] = candidates;
      if (app === undefined) return undefined;
      if (HASHED.test(publicName)) return { kind: "hashed", candidates };
      return { kind: "plain", app, name: publicName.slice(app.length + 1) };
    },
  };
}

function hashedName(app: string, name: string): string {
  const hash = createHash("sha256").update(`${app}\0${name}`).digest("hex").slice(0, 8);
  const start = `${app}_`;
  const room = MAX_LENGTH - start.length - hash.length - 1;
  return `${start}${name.replace(NOT_PLAIN, "_").slice(0, room)}-${hash}`;
}
