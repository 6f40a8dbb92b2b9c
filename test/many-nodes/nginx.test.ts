import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, expect, it } from "vitest";
import { Nginx } from "../support/nginx.js";
import { rawRequest, startRequest } from "../support/raw-http.js";
import { waitFor } from "../support/wait-for.js";

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

/** A node that answers with its name, and on GET goes on for ever. */
async function startNode(name: string): Promise<{ port: number; server: Server }> {
  const server = createServer((request, response) => {
    response.writeHead(200, { "content-type": "text/event-stream" });
    response.write(`${name} ${request.headers.host}`);
    if (request.method !== "GET") response.end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  cleanups.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return { port: (server.address() as AddressInfo).port, server };
}

it("docs/nginx.conf deals requests out in turn, lets events through at once, and changes its nodes under way", async () => {
  const [a, b, c] = [await startNode("a"), await startNode("b"), await startNode("c")];
  const nginx = await Nginx.start([a.port, b.port]);
  cleanups.push(() => nginx.stop());
  const ask = async () => (await rawRequest(nginx.url, { method: "POST", body: {} })).body;

  const host = `127.0.0.1:${nginx.port}`;
  const answers = [await ask(), await ask(), await ask(), await ask()];
  expect(answers.sort()).toEqual([`a ${host}`, `a ${host}`, `b ${host}`, `b ${host}`]);

  const streaming = startRequest(nginx.url, { method: "GET" });
  cleanups.push(streaming.cut);
  const stream = await streaming.response;
  let body = "";
  stream.setEncoding("utf8").on("data", (text: string) => {
    body += text;
  });
  await waitFor("the first event of a stream that goes on", () => body.endsWith(host));

  await nginx.use([c.port]);
  for (let n = 0; n < 20; n += 1) expect(await ask()).toBe(`c ${host}`);
  expect(stream.closed).toBe(false);
  await nginx.use([a.port, b.port, c.port]);
  const names = new Set([await ask(), await ask(), await ask()]);
  expect(names.size).toBe(3);
});

it("a node that does not answer is an error, not another node's work", async () => {
  const [a, b] = [await startNode("a"), await startNode("b")];
  const nginx = await Nginx.start([a.port, b.port]);
  cleanups.push(() => nginx.stop());
  b.server.closeAllConnections();
  b.server.close();
  const ask = async () => (await rawRequest(nginx.url, { method: "POST", body: {} })).status;
  const statuses = [await ask(), await ask()];
  expect(statuses.sort()).toEqual([200, 502]);
});
