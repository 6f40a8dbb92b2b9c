import { DurableMcpError } from "@durable-mcp/contract";
import { isObject, type JsonRpcRequest } from "./json-rpc.js";

/** The OAuth scopes that a request needs and its caller lacks. */
interface ScopeChallenge {
  readonly scopes: readonly string[];
  readonly errorDescription?: string | undefined;
}

/** Whether a request needs scopes that its caller lacks; undefined = it may go on. As SDK v2's server objects say it. */
export type ScopeChallengeResolver = (context: {
  // biome-ignore lint/suspicious/noExplicitAny: the SDK's message types must fit
  readonly request: any;
  // biome-ignore lint/suspicious/noExplicitAny: the SDK's AuthInfo must fit
  readonly authInfo?: any;
}) => ScopeChallenge | undefined | Promise<ScopeChallenge | undefined>;

/** The refusal of a request whose caller lacks scopes, with what its WWW-Authenticate header says. */
export class InsufficientScopeError extends DurableMcpError {
  readonly challenge: string;

  constructor(description: string, challenge: string) {
    super("INSUFFICIENT_SCOPE", description);
    this.challenge = challenge;
  }
}

function insufficientScope(
  { scopes, errorDescription = "Insufficient scope" }: ScopeChallenge,
  authInfo: unknown,
): InsufficientScopeError {
  const metadata = resourceMetadataUrl(authInfo);
  const challenge = [
    'Bearer error="insufficient_scope"',
    `error_description="${quotable(errorDescription)}"`,
    `scope="${quotable(scopes.join(" "))}"`,
    ...(metadata === undefined ? [] : [`resource_metadata="${quotable(metadata)}"`]),
  ];
  return new InsufficientScopeError(errorDescription, challenge.join(", "));
}

/**
 * Refuses requests whose caller lacks scopes, before any of them is dispatched.
 *
 * Errors:  INSUFFICIENT_SCOPE (403)
 * Source:  MCP 2025-11-25, Authorization, Scope Challenge Handling; RFC 6750, 3
 */
export async function checkScopes(
  requests: readonly JsonRpcRequest[],
  authInfo: unknown,
  resolve: ScopeChallengeResolver | undefined,
): Promise<void> {
  if (!resolve) return;
  for (const request of requests) {
    const challenge = await resolve({ request, ...(authInfo === undefined ? {} : { authInfo }) });
    if (challenge !== undefined) throw insufficientScope(challenge, authInfo);
  }
}

/** Where the caller's authentication says that the resource is described, or where RFC 9728 has that of the resource. */
function resourceMetadataUrl(authInfo: unknown): string | undefined {
  if (!isObject(authInfo)) return undefined;
  const { resourceMetadataUrl: url, resource } = authInfo;
  if (typeof url === "string") return url;
  if (!(resource instanceof URL) || !/^https?:$/.test(resource.protocol)) return undefined;
  const path = resource.pathname === "/" ? "" : resource.pathname;
  return new URL(`/.well-known/oauth-protected-resource${path}`, resource).href;
}

/** What may stand between the quotes of a header's parameter. */
function quotable(text: string): string {
  return text.replace(/[^\x20-\x21\x23-\x5b\x5d-\x7e]/g, "");
}
