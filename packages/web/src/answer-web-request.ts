import type { HttpRequest } from "@durable-mcp/core";
import { type RequestFacts, webRequest } from "./web-request.js";
import { WebResponse } from "./web-response.js";

/**
 * Answers a web-standard request by whatever answers the core's.
 *
 * Shapes:  handle: never rejects
 */
export function answerWebRequest(
  request: Request,
  facts: RequestFacts,
  handle: (request: HttpRequest, response: WebResponse) => Promise<unknown>,
): Promise<Response> {
  const asked = webRequest(request, facts);
  const answer = new WebResponse(request.signal);
  const readBody = async (maxBytes: number) => {
    const body = await asked.readBody(maxBytes);
    // Nothing more will come of this request.
    if (body.outcome === "aborted") answer.abort();
    return body;
  };
  void handle({ ...asked, readBody }, answer);
  return answer.response;
}
