import { once } from "node:events";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { CheckFailure, startProgram } from "./run-command.mjs";

const DEADLINE_MS = 20_000;

/** The official client, as the tests have it. */
async function officialClient() {
  const { resolve } = createRequire(join(import.meta.dirname, "../../test/package.json"));
  const load = (path) => import(pathToFileURL(resolve(`@modelcontextprotocol/sdk/client/${path}`)).href);
  const [{ Client }, { StreamableHTTPClientTransport }] = await Promise.all([
    load("index.js"),
    load("streamableHttp.js"),
  ]);
  return { Client, StreamableHTTPClientTransport };
}

export async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  await once(server, "close");
  return port;
}

async function untilListening(url, child) {
  for (const deadline = Date.now() + DEADLINE_MS; Date.now() < deadline; ) {
    if (child.exitCode !== null) throw new Error(`it ended with code ${child.exitCode}`);
    // Any answer will do: it listens.
    if (await fetch(url).catch(() => undefined)) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error("it does not listen");
}

async function callFirstTool(url) {
  const { Client, StreamableHTTPClientTransport } = await officialClient();
  const client = new Client({ name: "check-packages", version: "1.0.0" });
  const transport = new StreamableHTTPClientTransport(url);
  try {
    await client.connect(transport, { timeout: DEADLINE_MS });
    const [tool] = (await client.listTools({}, { timeout: DEADLINE_MS })).tools;
    if (!tool) throw new Error("it lists no tool");
    const result = await client.callTool({ name: tool.name }, undefined, { timeout: DEADLINE_MS });
    if (result.isError || !result.content?.length) {
      throw new Error(`the tool ${tool.name} answers ${JSON.stringify(result)}`);
    }
    if (!transport.sessionId) throw new Error("it gives no session id");
    await transport.terminateSession();
  } finally {
    await client.close();
  }
}

/** Runs an example that serves MCP at /mcp, and calls its first tool with the official client. */
export async function callServer(project, file, port) {
  let output = "";
  const onOutput = (text) => {
    output += text;
  };
  const child = startProgram(process.execPath, [file], { cwd: project, onOutput });
  try {
    const url = new URL(`http://localhost:${port}/mcp`);
    await untilListening(url, child);
    await callFirstTool(url);
    if (child.exitCode !== null) throw new Error(`it ended with code ${child.exitCode}`);
  } catch (error) {
    const again = `cd ${project} && node ${file}, and any MCP client to http://localhost:${port}/mcp`;
    throw new CheckFailure(`the README's example: ${error.message}`, { output, again });
  } finally {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill("SIGKILL");
      await once(child, "exit");
    }
  }
}
