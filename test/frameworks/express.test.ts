import { gzipSync } from "node:zlib";
import { answerParserErrors, createMcpRouter } from "@durable-mcp/express";
import express5, { type ErrorRequestHandler, type RequestHandler } from "express";
import express4 from "express4";
import { describe, expect, it } from "vitest";
import { errorIn, INITIALIZE, listening, look, post, seeingEndpoint } from "./asked.js";

const VERSIONS = [
  { version: 4, express: express4 },
  { version: 5, express: express5 },
];

describe.each(VERSIONS)("a router in Express $version", ({ express }) => {
  it("answers where it is mounted, however deep, and leaves what is below to the app", async () => {
    const { endpoint, queries, extras } = seeingEndpoint();
    const api = express.Router().use("/mcp", createMcpRouter(endpoint));
    const app = express().use("/api/:tenant", api);
    app.use((_request, response) => void response.status(418).end());
    const origin = await listening(app);

    const url = `${origin}/api/acme/mcp?apps=a,b`;
    expect(await look(url)).toMatchObject({ status: 200 });
    expect(queries).toEqual([{ apps: "a,b" }]);
    expect(extras).toMatchObject([{ url }]);
    expect(await post(`${origin}/api/acme/mcp/`)).toMatchObject({ status: 200 });
    expect(await post(`${origin}/api/acme/mcp/below`)).toMatchObject({ status: 418 });
  });

  const PARSERS: readonly { readonly name: string; readonly parser: RequestHandler }[] = [
    { name: "express.json()", parser: express.json() },
    { name: "express.json() of everything", parser: express.json({ type: () => true }) },
    { name: "express.text()", parser: express.text({ type: "*/*" }) },
    { name: "express.raw()", parser: express.raw({ type: "*/*" }) },
    { name: "express.urlencoded(), which leaves it alone", parser: express.urlencoded({ extended: true }) },
  ];
  it.each(PARSERS)("takes what $name has left of a body", async ({ parser }) => {
    const { endpoint } = seeingEndpoint();
    const app = express().use(parser).use("/mcp", createMcpRouter(endpoint));
    const url = `${await listening(app)}/mcp`;

    expect(await look(url)).toMatchObject({ status: 200 });
    expect(errorIn(await post(url, {}, '{"jsonrpc":"2.0"}'))).toMatchObject({ status: 400, code: -32600 });
    // Nobody parses this type, and Express 4 puts an object there that nobody sent.
    expect(errorIn(await post(url, { "content-type": "image/png" }))).toMatchObject({ status: 415 });
  });

  it("is served compressed bodies by the parser that unpacks them", async () => {
    const { endpoint } = seeingEndpoint();
    const app = express().use(express.json()).use("/mcp", createMcpRouter(endpoint));
    const packed = new Uint8Array(gzipSync(INITIALIZE));
    const url = `${await listening(app)}/mcp`;
    expect(await post(url, { "content-encoding": "gzip" }, packed)).toMatchObject({ status: 200 });
  });

  it("keeps the headers that middlewares have set, and adds to Vary", async () => {
    const { endpoint } = seeingEndpoint({ allowedOrigins: ["http://page.example"] });
    const app = express().use((_request, response, next) => {
      response.set({ "x-own": "yes", vary: "Accept-Encoding" });
      next();
    });
    const url = `${await listening(app.use("/mcp", createMcpRouter(endpoint)))}/mcp`;
    const { headers } = await post(url, { origin: "http://page.example" });
    expect(headers.get("x-own")).toBe("yes");
    expect(headers.get("vary")).toBe("Accept-Encoding, Origin");
  });

  it("hands on what the SDK's authentication puts on the request, and a trusted proxy's https", async () => {
    const { endpoint, extras } = seeingEndpoint({
      principal: () => ({ issuer: "test", subject: "ann", client: "cli" }),
    });
    const auth = { token: "t", clientId: "cli", scopes: [] };
    const app = express().set("trust proxy", "loopback");
    app.use((request, _response, next) => {
      Object.assign(request, { auth });
      next();
    });
    const origin = await listening(app.use("/mcp", createMcpRouter(endpoint)));
    await look(`${origin}/mcp`, { "x-forwarded-proto": "https" });
    expect(extras).toEqual([{ authInfo: auth, url: `${origin.replace("http:", "https:")}/mcp` }]);
  });
});

describe.each(VERSIONS)("what a parser has refused in Express $version", ({ express }) => {
  async function servedBehind(parser: RequestHandler) {
    const { endpoint, queries } = seeingEndpoint();
    const handedOn: unknown[] = [];
    const last: ErrorRequestHandler = (error, _request, response, _next) => {
      handedOn.push(error.type ?? error.message);
      response.status(418).end();
    };
    const app = express().use((_request, response, next) => {
      response.set("x-own", "yes");
      next();
    });
    app.use(parser);
    app.use((request, _response, next) => next(request.headers["x-fail"] ? new Error("another") : undefined));
    app.use("/mcp", createMcpRouter(endpoint), answerParserErrors(endpoint)).use(last);
    return { url: `${await listening(app)}/mcp`, handedOn, queries };
  }

  const GZIP = { "content-encoding": "gzip" };
  const REFUSED = [
    { what: "too large", body: `"${"x".repeat(2_000)}"`, headers: {}, status: 413, says: "1024 bytes" },
    { what: "no JSON", body: "{", headers: {}, status: 400, says: "Invalid JSON" },
    { what: "no object", body: '"text"', headers: {}, status: 400, says: "Invalid JSON" },
    {
      what: "of another charset",
      body: INITIALIZE,
      headers: { "content-type": "application/json; charset=latin1" },
      status: 415,
      says: "Content-Type",
    },
    { what: "no gzip", body: INITIALIZE, headers: GZIP, status: 415, says: "Content-Encoding" },
    {
      what: "of an unknown encoding",
      body: INITIALIZE,
      headers: { "content-encoding": "zip" },
      status: 415,
      says: "Content-Encoding",
    },
  ];
  it.each(REFUSED)("is answered as MCP: a body that is $what", async ({ body, headers, status, says }) => {
    const { url, handedOn, queries } = await servedBehind(express.json({ limit: 1024 }));
    const answer = await post(url, headers, body);
    const error = errorIn(answer);
    expect(error.status).toBe(status);
    expect(error.message).toContain(says);
    expect(answer.headers.get("x-own")).toBe("yes");
    expect({ handedOn, queries }).toEqual({ handedOn: [], queries: [] });
  });

  it("opens nothing, although the endpoint could parse what the parser would not", async () => {
    const refusing = express.json({
      reviver: () => {
        throw new Error("not for me");
      },
    });
    const { url, queries } = await servedBehind(refusing);
    expect(errorIn(await post(url))).toMatchObject({ status: 400, code: -32700 });
    expect(queries).toEqual([]);
  });

  it("is handed on if it is no parser's error, or no POST's", async () => {
    const { url, handedOn } = await servedBehind(express.json());
    expect(await post(url, { "x-fail": "1" })).toMatchObject({ status: 418 });
    const headers = { "content-type": "application/json" };
    expect(await fetch(url, { method: "DELETE", headers, body: "{" })).toMatchObject({ status: 418 });
    expect(handedOn).toEqual(["another", "entity.parse.failed"]);
  });
});
