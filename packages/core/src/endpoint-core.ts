import { DurableMcpError } from "@durable-mcp/contract";
import { asDurableMcpError, type Refuse, sendError, sendStatus } from "./answers.js";
import { EndpointContext } from "./endpoint-context.js";
import { handleGet } from "./get.js";
import { Housekeeping } from "./housekeeping.js";
import type { HttpRequest, HttpResponse } from "./http.js";
import { NodeLife } from "./node-life.js";
import type { EndpointSettings } from "./options.js";
import { handlePost } from "./post.js";
import type { SessionAccess } from "./session-access.js";
import { SessionDirectory } from "./session-directory.js";

/** Who lets requests in. */
export interface Front {
  /** Refuses a request by throwing, answers it by itself (undefined), or says how it comes by its session. */
  enter(request: HttpRequest, response: HttpResponse): Promise<SessionAccess | undefined>;
  /** A request was refused. */
  onRefused?(error: DurableMcpError): void;
}

/** Sessions and streams over HTTP, whoever lets the requests in: what an endpoint and the drop-in class share. */
export class EndpointCore {
  readonly context: EndpointContext;
  readonly directory: SessionDirectory;
  readonly housekeeping: Housekeeping;

  constructor(settings: EndpointSettings) {
    const { shared } = settings.store.capabilities;
    const life = shared ? new NodeLife(settings, () => void this.directory.owned.verifyAll()) : undefined;
    this.directory = new SessionDirectory(settings, life);
    this.context = new EndpointContext(settings, this.directory);
    this.housekeeping = new Housekeeping(settings, this.directory);
  }

  /** Answers one HTTP request. Never rejects. */
  async handle(request: HttpRequest, response: HttpResponse, front: Front): Promise<void> {
    const refuse: Refuse = (reason, id = null) => {
      const error = asDurableMcpError(reason);
      this.context.report(error);
      front.onRefused?.(error);
      sendError(response, error, id);
    };
    try {
      const access = await front.enter(request, response);
      if (access) await this.#answer(request, response, access, refuse);
    } catch (error) {
      refuse(error);
    }
  }

  async #answer(
    request: HttpRequest,
    response: HttpResponse,
    access: SessionAccess,
    refuse: Refuse,
  ): Promise<void> {
    switch (request.method) {
      case "POST":
        return handlePost(this.context, access, request, response, refuse);
      case "GET":
        return handleGet(this.context, access, request, response);
      case "DELETE":
        await access.terminate(request);
        return sendStatus(response, 200);
      default:
        throw new DurableMcpError("METHOD_NOT_ALLOWED", `Method ${request.method} is not allowed here.`);
    }
  }
}
