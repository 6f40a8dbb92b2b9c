import type { RequestListener } from "node:http";
import {
  type BindingHarness,
  bindingCases,
  canRunBindingCase,
  runBindingCase,
  type ServedOptions,
  type Surroundings,
} from "@durable-mcp/contract-tests";
import { createMcpEndpoint, type HttpRequest, type HttpResponse, type McpEndpoint } from "@durable-mcp/core";
import { createMemoryStore } from "@durable-mcp/store-memory";
import { listening } from "../served/listening.js";
import { nodeListener } from "../served/node-listener.js";

/** What a binding does wrong, at one of the places where it can. */
export interface Fault {
  options?(options: ServedOptions): ServedOptions;
  endpoint?(endpoint: McpEndpoint): McpEndpoint;
  listener?(listener: RequestListener, surroundings: Surroundings): RequestListener;
}

export const FAULTLESS: Fault = {};

/** Most ms for a case of a binding that has a fault; what hangs is not waited for any longer. */
const TIMEOUT_MS = 1_500;

/** Runs the named cases, or all, on a binding with that fault. Returns: the failures by the names of their cases */
export async function failuresWith(
  fault: Fault,
  names = bindingCases.map(({ name }) => name),
): Promise<Map<string, unknown>> {
  const harness = breakableHarness(fault);
  const failures = new Map<string, unknown>();
  for (const name of names) {
    const bindingCase = bindingCases.find((one) => one.name === name);
    if (!bindingCase) throw new Error(`There is no case "${name}"`);
    if (!canRunBindingCase(bindingCase, harness)) continue;
    try {
      await runBindingCase(bindingCase, harness);
    } catch (error) {
      failures.set(name, error);
    }
  }
  return failures;
}

/** The endpoint, whose answers differ from what it says. */
export function answering(
  endpoint: McpEndpoint,
  change: (response: HttpResponse) => Partial<HttpResponse>,
): McpEndpoint {
  return {
    ...endpoint,
    handle: (request, response) => {
      const intact: HttpResponse = {
        get begun() {
          return response.begun;
        },
        get bufferedBytes() {
          return response.bufferedBytes;
        },
        begin: (status, headers) => response.begin(status, headers),
        write: (text) => response.write(text),
        end: (text) => response.end(text),
        abort: () => response.abort(),
        onDrain: (listener) => response.onDrain(listener),
        onClose: (listener) => response.onClose(listener),
      };
      const changes = Object.getOwnPropertyDescriptors(change(response));
      return endpoint.handle(request, Object.defineProperties(intact, changes));
    },
  };
}

/** The endpoint, which gets to see other requests than came. */
export function asked(
  endpoint: McpEndpoint,
  change: (request: HttpRequest) => Partial<HttpRequest>,
): McpEndpoint {
  return {
    ...endpoint,
    handle: (request, response) => endpoint.handle({ ...request, ...change(request) }, response),
  };
}

function breakableHarness(fault: Fault): BindingHarness {
  return {
    ...(fault === FAULTLESS ? {} : { timeoutMs: TIMEOUT_MS }),
    openStore: async () => createMemoryStore(),
    serve: async (options, surroundings) => {
      const intact = createMcpEndpoint(fault.options?.(options) ?? options);
      const endpoint = fault.endpoint?.(intact) ?? intact;
      const listener = nodeListener(endpoint, surroundings);
      return listening(endpoint, fault.listener?.(listener, surroundings) ?? listener);
    },
  };
}
