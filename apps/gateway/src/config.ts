import { readFileSync, statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { z } from "zod";
import { describeIssues } from "./config-issues.js";
import { parseJson } from "./config-json.js";
import { isJsonObject } from "./rpc.js";
import { StartupError } from "./startup-error.js";

/** An upstream that is a process of its own, spoken to over its standard input and output. */
export interface StdioApp {
  readonly kind: "stdio";
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  /** Added to the few variables that every upstream gets (PATH, HOME and the like). */
  readonly env: Readonly<Record<string, string>>;
  /** Absolute. */
  readonly cwd: string;
  /** Longest silence of a call, in ms; progress starts it anew. */
  readonly timeoutMs: number;
}

/** An upstream that is reached over Streamable HTTP. */
export interface HttpApp {
  readonly kind: "http";
  readonly name: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Longest silence of a call, in ms; progress starts it anew. */
  readonly timeoutMs: number;
}

export type AppConfig = StdioApp | HttpApp;

const DEFAULT_TIMEOUT_MS = 600_000;
const MAX_TIMEOUT_MS = 2 ** 31 - 1;
const APP_NAME = /^[A-Za-z0-9_-]{1,32}$/;
const APP_NAME_EXPECTED = "expected a name of 1-32 characters of A-Z a-z 0-9 _ -";

const text = z.string().min(1, "expected a text that is not empty");

/** An object with these keys and no others. */
const closedObject = <Shape extends z.ZodRawShape>(shape: Shape) =>
  z.strictObject(shape, {
    error: ({ code }) =>
      code === "unrecognized_keys" ? `unknown key; known: ${Object.keys(shape).join(", ")}` : undefined,
  });

const ServerSchema = closedObject({
  command: text.optional(),
  args: z.array(z.string()).optional(),
  env: z.record(z.string(), z.string()).optional(),
  cwd: text.optional(),
  url: z
    .url({ protocol: /^https?$/, error: "expected an http or https URL", abort: true })
    .refine(hasNoCredentials, "expected no user or password in the URL; put them into headers.Authorization")
    .optional(),
  headers: z.record(z.string(), z.string()).optional(),
  type: z.enum(["stdio", "http", "streamable-http"]).optional(),
  timeoutMs: z
    .int(`expected an integer from 1 to ${MAX_TIMEOUT_MS}`)
    .min(1, `expected an integer from 1 to ${MAX_TIMEOUT_MS}`)
    .max(MAX_TIMEOUT_MS, `expected an integer from 1 to ${MAX_TIMEOUT_MS}`)
    .optional(),
}).superRefine((server, context) => {
  const wrong = (message: string, path: string[] = []) => context.addIssue({ code: "custom", message, path });
  if (server.command !== undefined && server.url !== undefined) {
    return wrong("expected either command or url, got both");
  }
  if (server.command === undefined && server.url === undefined) {
    return wrong("expected either command or url, got neither");
  }
  const isStdio = server.command !== undefined;
  if (server.type !== undefined && (server.type === "stdio") !== isStdio) {
    wrong(`expected ${isStdio ? '"stdio", since it has a command' : '"http", since it has a url'}`, ["type"]);
  }
  for (const key of isStdio ? (["headers"] as const) : (["args", "env", "cwd"] as const)) {
    if (server[key] !== undefined) wrong(`expected only with a ${isStdio ? "url" : "command"}`, [key]);
  }
  for (const [name, value] of Object.entries(server.headers ?? {})) {
    if (!isHeader(name, value)) wrong("expected a valid HTTP header", ["headers", name]);
  }
});

const ConfigSchema = closedObject({
  mcpServers: z
    .record(z.string().regex(APP_NAME, APP_NAME_EXPECTED), ServerSchema)
    .refine((servers) => Object.keys(servers).length > 0, "expected at least one server"),
});

/**
 * Reads a configuration file in the `mcpServers` form of MCP clients.
 *
 * Returns: the apps in the order of the file; a stdio app's working directory is the file's folder unless it says
 *          otherwise, and a relative `cwd` is relative to that folder
 * Errors:  StartupError: for each thing that is wrong the file, the path in it and what was expected
 */
export function readConfig(file: string): readonly AppConfig[] {
  const json = parseJson(file, readText(file));
  const parsed = ConfigSchema.safeParse(json);
  const issues = parsed.success ? [] : describeIssues(parsed.error.issues, json);
  // Zod passes over a key of this name without a word.
  if (isJsonObject(json) && isJsonObject(json.mcpServers) && Object.hasOwn(json.mcpServers, "__proto__")) {
    issues.push("mcpServers.__proto__: expected another name");
  }
  const folder = dirname(resolve(file));
  const servers = parsed.success ? Object.entries(parsed.data.mcpServers) : [];
  const apps = servers.map(([name, server]) => toApp(name, server, folder));
  for (const app of apps) {
    if (app.kind !== "stdio" || isFolder(app.cwd)) continue;
    issues.push(`mcpServers.${app.name}.cwd: expected a folder, and ${app.cwd} is none`);
  }
  if (issues.length > 0) throw new StartupError(issues.map((issue) => `${file}: ${issue}`).join("\n"));
  return apps;
}

function toApp(name: string, server: z.output<typeof ServerSchema>, folder: string): AppConfig {
  const { command, args = [], env = {}, cwd = ".", url = "", headers = {} } = server;
  const timeoutMs = server.timeoutMs ?? DEFAULT_TIMEOUT_MS;
  if (command === undefined) return { kind: "http", name, url, headers, timeoutMs };
  return { kind: "stdio", name, command, args, env, cwd: resolve(folder, cwd), timeoutMs };
}

function readText(file: string): string {
  try {
    return readFileSync(file, "utf8").replace(/^\uFEFF/, "");
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const reason = code === "ENOENT" ? "no such file" : code === "EISDIR" ? "is a folder" : message;
    throw new StartupError(`${file}: expected a configuration file: ${reason}`);
  }
}

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}

/** `fetch` refuses such a URL, and quotes it in its error. */
function hasNoCredentials(url: string): boolean {
  const { username, password } = new URL(url);
  return username === "" && password === "";
}

function isHeader(name: string, value: string): boolean {
  try {
    new Headers({ [name]: value });
    return true;
  } catch {
    return false;
  }
}
