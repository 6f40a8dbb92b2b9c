import { answering, type Fault } from "./breakable-binding.js";

/** Faults in how a binding writes answers. */

export const buffersStreams: Fault = {
  endpoint: (endpoint) =>
    answering(endpoint, (response) => {
      let written = "";
      return {
        write: (text) => {
          written += text;
          return true;
        },
        end: (text = "") => response.end(written + text),
      };
    }),
};

export const dropsHeaders: Fault = {
  endpoint: (endpoint) =>
    answering(endpoint, (response) => ({
      begin: (status, headers) => {
        const type = headers["content-type"];
        response.begin(status, type === undefined ? {} : { "content-type": type });
      },
    })),
};

export const dropsTheHeadersOfErrors: Fault = {
  endpoint: (endpoint) =>
    answering(endpoint, (response) => ({
      begin: (status, headers) =>
        response.begin(status, status < 400 ? headers : { "content-type": "application/json" }),
    })),
};

export const sendsTheHeadLate: Fault = {
  endpoint: (endpoint) =>
    answering(endpoint, (response) => {
      let begin = () => {};
      return {
        begin: (...head) => {
          begin = () => {
            begin = () => {};
            response.begin(...head);
          };
        },
        write: (text) => {
          begin();
          return response.write(text);
        },
        end: (text) => {
          begin();
          response.end(text);
        },
      };
    }),
};

export const ignoresBackPressure: Fault = {
  endpoint: (endpoint) =>
    answering(endpoint, (response) => ({
      write: (text) => {
        response.write(text);
        return true;
      },
    })),
};

/** Like the fault above, with nothing to be seen in the statistics. */
export const queuesInSecret: Fault = {
  endpoint: (endpoint) =>
    answering(endpoint, (response) => ({
      write: (text) => {
        response.write(text);
        return true;
      },
      bufferedBytes: 0,
    })),
};

export const neverGoesOnAfterAPause: Fault = {
  endpoint: (endpoint) => answering(endpoint, () => ({ onDrain: () => {} })),
};

export const swallowsDepartures: Fault = {
  endpoint: (endpoint) => answering(endpoint, () => ({ onClose: () => {} })),
};

export const addsATrailingNewline: Fault = {
  endpoint: (endpoint) =>
    answering(endpoint, (response) => ({ end: (text) => response.end(text && `${text}\n`) })),
};

export const writesLatin1: Fault = {
  endpoint: (endpoint) => {
    const mangled = (text: string) => Buffer.from(text, "latin1").toString("latin1");
    return answering(endpoint, (response) => ({
      write: (text) => response.write(mangled(text)),
      end: (text) => response.end(text && mangled(text)),
    }));
  },
};

export const answersNotificationsWithABody: Fault = {
  endpoint: (endpoint) =>
    answering(endpoint, (response) => {
      let accepted = false;
      return {
        begin: (status, headers) => {
          accepted = status === 202;
          response.begin(status, accepted ? { ...headers, "content-type": "text/plain" } : headers);
        },
        end: (text) => response.end(accepted ? "Accepted" : text),
      };
    }),
};

export const answersTooLargeInHtml: Fault = {
  endpoint: (endpoint) =>
    answering(endpoint, (response) => {
      let large = false;
      return {
        begin: (status, headers) => {
          large = status === 413;
          response.begin(status, large ? { "content-type": "text/html" } : headers);
        },
        end: (text) => response.end(large ? "<h1>Payload Too Large</h1>" : text),
      };
    }),
};

export const saysThatStreamsAreCompressed: Fault = {
  listener: (listener) => (request, response) => {
    if (request.headers["accept-encoding"]) response.setHeader("content-encoding", "identity");
    listener(request, response);
  },
};

export const opensItselfToEveryOrigin: Fault = {
  listener: (listener) => (request, response) => {
    response.setHeader("access-control-allow-origin", "*");
    listener(request, response);
  },
};

export const allowsCredentials: Fault = {
  listener: (listener) => (request, response) => {
    response.setHeader("access-control-allow-credentials", "true");
    listener(request, response);
  },
};

export const letsHeadHang: Fault = {
  listener: (listener) => (request, response) => {
    if (request.method !== "HEAD") listener(request, response);
  },
};

export const breaksOffTooLargeBodies: Fault = {
  endpoint: (endpoint) =>
    answering(endpoint, (response) => ({
      begin: (status, headers) => {
        if (status === 413) response.abort();
        else response.begin(status, headers);
      },
    })),
};
