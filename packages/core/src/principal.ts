import { DurableMcpError } from "@durable-mcp/contract";
import type { HttpRequest } from "./http.js";

/** Who calls: a subject of an issuer, through a client. Users of one OAuth client are different principals. */
export interface Principal {
  readonly issuer: string;
  readonly subject: string;
  readonly client: string;
}

/** Names the caller of a request that the application has authenticated; undefined = nobody in particular. */
export type PrincipalOf = (request: HttpRequest) => Principal | undefined | Promise<Principal | undefined>;

/** The canonical form under which sessions are bound to principals (G9). */
function principalKey(principal: Principal | undefined): string {
  return principal ? JSON.stringify([principal.issuer, principal.subject, principal.client]) : "";
}

/**
 * The caller's canonical form.
 *
 * Errors:  INTERNAL if a request is authenticated and the endpoint was not told how to name principals: the SDK's
 *          AuthInfo names no subject, and all users of one OAuth client would share their sessions
 * Source:  G9
 */
export async function identify(request: HttpRequest, principalOf: PrincipalOf | undefined): Promise<string> {
  if (principalOf) return principalKey(await principalOf(request));
  if (request.authInfo !== undefined) {
    throw new DurableMcpError(
      "INTERNAL",
      "Requests are authenticated, but the endpoint's `principal` option is not set: it must name issuer, subject and client of each caller.",
    );
  }
  return "";
}
