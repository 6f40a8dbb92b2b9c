import { DurableMcpError } from "@durable-mcp/contract";
import type { HttpRequest } from "./http.js";
import { isObject } from "./json-rpc.js";

/** Who calls: a subject of an issuer, through a client. Users of one OAuth client are different principals. */
export interface Principal {
  readonly issuer: string;
  readonly subject: string;
  readonly client: string;
}

/** Names the caller of a request that the application has authenticated; undefined = nobody in particular. */
export type PrincipalOf = (request: HttpRequest) => Principal | undefined | Promise<Principal | undefined>;

/**
 * The caller's canonical form, under which sessions are bound to principals; "" where nobody is authenticated.
 *
 * Errors:  INTERNAL if an authenticated request has no whole principal: the SDK's AuthInfo names no subject, and all
 *          users of one OAuth client would share their sessions
 * Source:  G9
 */
export async function identify(request: HttpRequest, principalOf: PrincipalOf | undefined): Promise<string> {
  const principal: unknown = await principalOf?.(request);
  if (principal === undefined && request.authInfo === undefined) return "";
  if (isPrincipal(principal)) return nameOf(principal);
  throw new DurableMcpError(
    "INTERNAL",
    principalOf
      ? "The `principal` option must return { issuer, subject, client }, none of them empty, for each authenticated request."
      : "Requests are authenticated, so the endpoint's `principal` option must name issuer, subject and client of each caller.",
  );
}

/** The canonical form of a principal; "" where nobody is authenticated. */
export function nameOf(principal: Principal | undefined): string {
  return principal ? JSON.stringify([principal.issuer, principal.subject, principal.client]) : "";
}

/** The principal of a canonical form. */
export function principalNamed(name: string): Principal | undefined {
  if (name === "") return undefined;
  const [issuer, subject, client] = JSON.parse(name);
  return { issuer, subject, client };
}

function isPrincipal(value: unknown): value is Principal {
  if (!isObject(value)) return false;
  return [value.issuer, value.subject, value.client].every((part) => typeof part === "string" && part !== "");
}
