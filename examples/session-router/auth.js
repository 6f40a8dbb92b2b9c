// @ts-check
import { createHash } from "node:crypto";
import { InvalidTokenError } from "@modelcontextprotocol/sdk/server/auth/errors.js";
import { requireBearerAuth } from "@modelcontextprotocol/sdk/server/auth/middleware/bearerAuth.js";

/** SHA-256 of each token, and whose it is. These are the hashes of "alice-token" and "bob-token". */
const USERS = new Map([
  ["9c220f200955d76c0a38d308225e0ef10c5f971acaf2f8d1d8f732affa5bd1dc", "alice"],
  ["97dd3707015dcf069cf73022ed7173b1165db6eff24b441cb57fd069a8c4e525", "bob"],
]);

/** Lets in who has a token, as `req.auth`; anybody else gets a 401. */
export const authenticate = requireBearerAuth({ verifier: { verifyAccessToken } });

/** @param {string} token */
async function verifyAccessToken(token) {
  const user = USERS.get(createHash("sha256").update(token).digest("hex"));
  if (user === undefined) throw new InvalidTokenError("Unknown token");
  // These tokens last as long as the table has them; the SDK's middleware insists on a time.
  return {
    token,
    clientId: "static-tokens",
    scopes: [],
    expiresAt: Number.MAX_SAFE_INTEGER,
    extra: { user },
  };
}

/**
 * To whom sessions belong. The OAuth client alone would not do: all users may share one.
 * @param {any} authInfo as `verifyAccessToken` makes it
 */
export function principalOf({ clientId, extra }) {
  return { issuer: "session-router", subject: extra.user, client: clientId };
}
