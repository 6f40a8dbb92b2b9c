import { readFile } from "node:fs/promises";
import { userInfo } from "node:os";

/** What people are told to use: docs/nginx.conf. */
const DOCUMENTED = new URL("../../docs/nginx.conf", import.meta.url);

/** Header of every answer that names the node (address and port) which gave it. */
export const NODE_HEADER = "x-test-node";

const TEMPORARY = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];

/**
 * A whole configuration around the documented one, in which nothing but the addresses is changed.
 *
 * Shapes:  directory: where nginx keeps its files; port: where it listens; nodePorts: ports of 127.0.0.1
 * Errors:  if the documented one no longer has the lines that hold addresses
 */
export async function nginxConfig(
  directory: string,
  port: number,
  nodePorts: readonly number[],
): Promise<string> {
  const documented = await readFile(DOCUMENTED, "utf8");
  const nodes = nodePorts.map((nodePort) => `    server 127.0.0.1:${nodePort};\n`).join("");
  const site = replaced(documented, /(?: {4}server 10\.\S+;\n)+/, nodes);
  return [
    // As root, nginx would change to a user who may not read the directory.
    ...(process.getuid?.() === 0 ? [`user ${userInfo().username};`] : []),
    "daemon off;",
    "worker_processes 1;",
    `pid ${directory}/nginx.pid;`,
    "error_log stderr notice;",
    "events { worker_connections 4096; }",
    "http {",
    "access_log off;",
    ...TEMPORARY.map((what) => `${what}_temp_path ${directory}/${what};`),
    `add_header ${NODE_HEADER} $upstream_addr always;`,
    replaced(site, / {4}listen 80;\n/, `    listen 127.0.0.1:${port};\n`),
    "}",
    "",
  ].join("\n");
}

function replaced(text: string, pattern: RegExp, by: string): string {
  if (!pattern.test(text)) throw new Error(`docs/nginx.conf has nothing like ${pattern}`);
  return text.replace(pattern, by);
}
