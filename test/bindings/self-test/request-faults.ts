import { answering, asked, type Fault } from "./breakable-binding.js";

/** Faults in what a binding makes of requests, and of the endpoint's life. */

export const losesTheQuery: Fault = {
  endpoint: (endpoint) => asked(endpoint, ({ url }) => ({ url: url.replace(/\?.*/, "") })),
};

export const decodesTheQuery: Fault = {
  endpoint: (endpoint) =>
    asked(endpoint, ({ url }) => ({
      url: url.replace(/%[0-9A-F]{2}/g, (code) => String.fromCharCode(Number.parseInt(code.slice(1), 16))),
    })),
};

export const losesLastEventId: Fault = {
  endpoint: (endpoint) =>
    asked(endpoint, ({ headers }) => ({ headers: { ...headers, "last-event-id": undefined } })),
};

export const losesOrigins: Fault = {
  endpoint: (endpoint) => asked(endpoint, ({ headers }) => ({ headers: { ...headers, origin: undefined } })),
};

export const losesTheHost: Fault = {
  endpoint: (endpoint) =>
    asked(endpoint, ({ headers }) => ({ headers: { ...headers, host: "127.0.0.1:3000" } })),
};

export const losesAuthInfo: Fault = {
  endpoint: (endpoint) => asked(endpoint, () => ({ authInfo: undefined })),
};

export const takesHeadForGet: Fault = {
  endpoint: (endpoint) => asked(endpoint, ({ method }) => ({ method: method === "HEAD" ? "GET" : method })),
};

export const readsWithoutALimit: Fault = {
  endpoint: (endpoint) =>
    asked(endpoint, ({ readBody }) => ({ readBody: () => readBody(Number.MAX_SAFE_INTEGER) })),
};

export const trustsTheAnnouncedLength: Fault = {
  endpoint: (endpoint) =>
    asked(endpoint, ({ headers, readBody }) => ({
      readBody: (maxBytes) =>
        readBody(headers["content-length"] === undefined ? Number.MAX_SAFE_INTEGER : maxBytes),
    })),
};

export const readsALittle: Fault = {
  endpoint: (endpoint) =>
    asked(endpoint, ({ readBody }) => ({ readBody: (maxBytes) => readBody(Math.min(maxBytes, 100 * 1024)) })),
};

export const manglesCharactersCutInTwo: Fault = {
  listener:
    (listener, { body }) =>
    (request, response) => {
      if (body === "unread" && request.headers["transfer-encoding"]) {
        const { emit } = request;
        request.emit = function emitText(name: string, ...args: unknown[]) {
          const [chunk] = args;
          const sent =
            name === "data" && Buffer.isBuffer(chunk) ? [Buffer.from(chunk.toString("utf8"))] : args;
          return Reflect.apply(emit, request, [name, ...sent]);
        } as typeof emit;
      }
      listener(request, response);
    },
};

export const ignoresParsedBodies: Fault = {
  endpoint: (endpoint) =>
    asked(endpoint, ({ readBody }) => ({
      readBody: async (maxBytes) => {
        const body = await readBody(maxBytes);
        return body.outcome === "parsed" ? { outcome: "drained" } : body;
      },
    })),
};

export const waitsForDrainedBodies: Fault = {
  endpoint: (endpoint) =>
    asked(endpoint, ({ readBody }) => ({
      readBody: async (maxBytes) => {
        const body = await readBody(maxBytes);
        return body.outcome === "drained" ? new Promise(() => {}) : body;
      },
    })),
};

export const takesDrainedBodiesForEmpty: Fault = {
  endpoint: (endpoint) =>
    asked(endpoint, ({ readBody }) => ({
      readBody: async (maxBytes) => {
        const body = await readBody(maxBytes);
        return body.outcome === "drained" ? { outcome: "text", text: "" } : body;
      },
    })),
};

export const leaksWhatWasThrown: Fault = (() => {
  let thrown = "";
  return {
    options: (options) => ({
      ...options,
      createServer: async (context) => {
        try {
          return await options.createServer(context);
        } catch (error) {
          thrown = error instanceof Error ? error.message : "";
          throw error;
        }
      },
    }),
    endpoint: (endpoint) =>
      answering(endpoint, (response) => ({
        end: (text) => response.end(text?.replace(/Internal error[^"]*/, thrown)),
      })),
  } satisfies Fault;
})();

export const doesNotCloseTheEndpoint: Fault = {
  endpoint: (endpoint) => ({ ...endpoint, close: async () => {} }),
};

export const forgetsTheQuota: Fault = {
  options: (options) => ({ ...options, maxSessions: 10_000 }),
};

export const answersOneAfterTheOther: Fault = {
  listener: (listener) => {
    let last = Promise.resolve();
    return (request, response) => {
      // One request at a time, whoever asks: a stream holds up all the others.
      last = last.then(
        () =>
          new Promise((resolve) => {
            response.on("close", resolve);
            listener(request, response);
          }),
      );
    };
  },
};
