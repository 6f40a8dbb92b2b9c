import { DurableMcpError } from "@durable-mcp/contract";
import type { HttpRequest } from "./http.js";
import { SESSIONFUL_VERSIONS } from "./protocol-version.js";

/**
 * Refuses a Host or Origin that is not allowed, against DNS rebinding and foreign web pages.
 *
 * Shapes:  allowedHosts: host names without port, undefined = any; allowedOrigins: as browsers send them, "*" = any
 * Errors:  HOST_NOT_ALLOWED, ORIGIN_NOT_ALLOWED (403)
 * Source:  MCP 2025-11-25, Transports, Security Warning
 */
export function checkHostAndOrigin(
  headers: HttpRequest["headers"],
  allowedHosts: readonly string[] | undefined,
  allowedOrigins: readonly string[],
): void {
  const host = headers.host ?? headers[":authority"];
  if (allowedHosts && !(host && allowedHosts.includes(hostName(host)))) {
    throw new DurableMcpError(
      "HOST_NOT_ALLOWED",
      `Host not allowed: ${host === undefined ? "(none)" : hostName(host)}`,
    );
  }
  const origin = headers.origin;
  if (origin !== undefined && !allowedOrigins.includes(origin) && !allowedOrigins.includes("*")) {
    throw new DurableMcpError("ORIGIN_NOT_ALLOWED", `Origin not allowed: ${origin}`);
  }
}

/** The host name of a Host header, lower-case, without the port; an IPv6 address keeps its brackets. */
function hostName(host: string): string {
  return host.replace(/:\d+$/, "").toLowerCase();
}

/**
 * Refuses a request whose Accept header lacks one of the media types.
 *
 * Errors:  NOT_ACCEPTABLE (406)
 */
export function checkAccepts(accept: string | undefined, mediaTypes: readonly string[]): void {
  const ranges = (accept ?? "").split(",").map((range) => range.split(";", 1)[0]?.trim().toLowerCase());
  const accepts = (type: string) =>
    ranges.some((range) => range === type || range === "*/*" || range === `${type.split("/", 1)[0]}/*`);
  if (!mediaTypes.every(accepts)) {
    throw new DurableMcpError(
      "NOT_ACCEPTABLE",
      `Not Acceptable: Client must accept ${mediaTypes.length > 1 ? "both " : ""}${mediaTypes.join(" and ")}`,
    );
  }
}

/**
 * Refuses a body that is not declared as JSON.
 *
 * Errors:  UNSUPPORTED_MEDIA_TYPE (415)
 */
export function checkContentType(contentType: string | undefined): void {
  const type = contentType?.split(";", 1)[0]?.trim().toLowerCase();
  if (type !== "application/json") {
    throw new DurableMcpError(
      "UNSUPPORTED_MEDIA_TYPE",
      "Unsupported Media Type: Content-Type must be application/json",
    );
  }
}

/**
 * Refuses an MCP-Protocol-Version that neither this endpoint nor the session speaks. One that the endpoint speaks but that was not negotiated is
 * served by the negotiated one, since real clients send that.
 *
 * Errors:  UNSUPPORTED_PROTOCOL_VERSION (400)
 */
export function checkProtocolVersion(version: string | undefined, negotiated?: string): void {
  if (version !== undefined && version !== negotiated && !SESSIONFUL_VERSIONS.includes(version)) {
    throw new DurableMcpError(
      "UNSUPPORTED_PROTOCOL_VERSION",
      `Bad Request: Unsupported protocol version: ${version} (supported versions: ${SESSIONFUL_VERSIONS.join(", ")})`,
    );
  }
}
