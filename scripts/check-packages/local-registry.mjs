import { createHash, randomUUID } from "node:crypto";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";

/** A registry on this machine that has only the packed packages, so that npm resolves them, and what they ask of each
 * other, as if they were published. `no-store` keeps npm from filling its cache with them.
 * Returns: the registry's URL, and `close` */
export async function serveTarballs(packed) {
  // The random path makes sure that nothing of an earlier run is taken from npm's cache.
  const base = `/${randomUUID()}/`;
  const answers = new Map();
  const server = createServer((request, response) => {
    const body = answers.get(decodeURIComponent(request.url ?? ""));
    response.writeHead(body === undefined ? 404 : 200, { "cache-control": "no-store" }).end(body);
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const url = `http://127.0.0.1:${server.address().port}${base}`;
  for (const { name, manifest, tarball } of packed) {
    const bytes = readFileSync(tarball);
    const path = `tarballs/${name}.tgz`;
    const integrity = `sha512-${createHash("sha512").update(bytes).digest("base64")}`;
    const version = { ...manifest, dist: { tarball: `${url}${path}`, integrity } };
    const versions = { [manifest.version]: version };
    answers.set(`${base}${path}`, bytes);
    answers.set(
      `${base}${name}`,
      JSON.stringify({ name, "dist-tags": { latest: manifest.version }, versions }),
    );
  }
  return { url, close: () => server.close() };
}
