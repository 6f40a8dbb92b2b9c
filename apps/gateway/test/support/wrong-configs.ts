const servers = (mcpServers: unknown) => JSON.stringify({ mcpServers });
const KEY = "unknown key; known: command, args, env, cwd, url, headers, type, timeoutMs";
const JSON_TEXT = "expected JSON (no comments or trailing commas)";
const NAME = "expected a name of 1-32 characters of A-Z a-z 0-9 _ -";

/** What is wrong, the file's text, and how the message goes on after the file's name. */
export const WRONG_CONFIGS: readonly (readonly [what: string, source: string, expected: string])[] = [
  ["empty", "", `line 1, column 1: ${JSON_TEXT}`],
  ["not JSON", '{\n  "mcpServers": {,}\n}', `line 2, column 18: ${JSON_TEXT}`],
  [
    "a name twice",
    '{"mcpServers":{\n  "a":{"command":"x", "args":["a:", "{", "a"]},\n  "b":{"command":"x"},\n  "\\u0061" :{"command":"y"}\n}}',
    'line 4, column 3: expected the key "\\u0061" only once',
  ],
  ["an array", "[]", "(the whole file): expected an object, got an array"],
  ["no servers key", "{}", "mcpServers: expected an object, got nothing"],
  ["no servers", servers({}), "mcpServers: expected at least one server"],
  [
    "an unknown key at the top",
    '{"mcpServers":{"a":{"command":"x"}},"servers":{}}',
    "servers: unknown key; known: mcpServers",
  ],
  ["an unknown key", servers({ a: { command: "x", arg: [] } }), `mcpServers.a.arg: ${KEY}`],
  ["a server of the wrong type", servers({ a: "node" }), "mcpServers.a: expected an object, got a string"],
  [
    "an argument of the wrong type",
    servers({ everything: { command: "node", args: ["a", 1] } }),
    "mcpServers.everything.args[1]: expected a string, got a number",
  ],
  [
    "a variable of the wrong type",
    servers({ a: { command: "x", env: { A: null } } }),
    "mcpServers.a.env.A: expected a string, got null",
  ],
  [
    "an empty command",
    servers({ a: { command: "" } }),
    "mcpServers.a.command: expected a text that is not empty",
  ],
  [
    "command and url",
    servers({ a: { command: "x", url: "http://localhost" } }),
    "mcpServers.a: expected either command or url, got both",
  ],
  ["neither", servers({ a: { args: [] } }), "mcpServers.a: expected either command or url, got neither"],
  ["no URL", servers({ a: { url: "nonsense" } }), "mcpServers.a.url: expected an http or https URL"],
  [
    "another protocol",
    servers({ a: { url: "ftp://x/y" } }),
    "mcpServers.a.url: expected an http or https URL",
  ],
  [
    "a user and a password in the URL",
    servers({ a: { url: "https://user:s3cret@example.com/mcp" } }),
    "mcpServers.a.url: expected no user or password in the URL; put them into headers.Authorization",
  ],
  [
    "a token in the URL",
    servers({ a: { url: "https://s3cret@example.com/mcp" } }),
    "mcpServers.a.url: expected no user or password in the URL; put them into headers.Authorization",
  ],
  [
    "a folder that is not there",
    servers({ a: { command: "x", cwd: "/no/such/folder" } }),
    "mcpServers.a.cwd: expected a folder, and /no/such/folder is none",
  ],
  [
    "an unknown type",
    servers({ a: { type: "sse", url: "http://x" } }),
    "mcpServers.a.type: expected one of stdio, http, streamable-http",
  ],
  [
    "a type that does not fit",
    servers({ a: { type: "http", command: "x" } }),
    'mcpServers.a.type: expected "stdio", since it has a command',
  ],
  [
    "headers for a process",
    servers({ a: { command: "x", headers: {} } }),
    "mcpServers.a.headers: expected only with a url",
  ],
  [
    "args for a URL",
    servers({ a: { url: "http://x", args: [] } }),
    "mcpServers.a.args: expected only with a command",
  ],
  [
    "an impossible header",
    servers({ a: { url: "http://x", headers: { "a b": "c" } } }),
    'mcpServers.a.headers["a b"]: expected a valid HTTP header',
  ],
  [
    "no time at all",
    servers({ a: { command: "x", timeoutMs: 0 } }),
    "mcpServers.a.timeoutMs: expected an integer from 1 to 2147483647",
  ],
  ["an odd app name", servers({ "a.b": { command: "x" } }), `mcpServers["a.b"]: ${NAME}`],
  [
    "a long app name",
    servers({ ["x".repeat(33)]: { command: "x" } }),
    `mcpServers.${"x".repeat(33)}: ${NAME}`,
  ],
  ["no app name", servers({ "": { command: "x" } }), `mcpServers[""]: ${NAME}`],
  [
    "a reserved app name",
    '{"mcpServers":{"a":{"command":"x"},"__proto__":{"command":"y"}}}',
    "mcpServers.__proto__: expected another name",
  ],
];
