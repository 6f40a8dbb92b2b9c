import { CheckFailure } from "./run-command.mjs";

/** The package that an import specifier belongs to; undefined for relative and `node:` ones. */
function packageOf(specifier) {
  if (/^(\.|node:|#)/.test(specifier)) return undefined;
  return specifier
    .split("/")
    .slice(0, specifier.startsWith("@") ? 2 : 1)
    .join("/");
}

/** The packages that a module imports, comments aside. */
export function importedPackages(code) {
  const bare = code.replace(/\/\*[\s\S]*?\*\//g, "").replace(/^\s*\/\/.*$/gm, "");
  const imports = /(?:\bfrom\s*|\bimport\s*\(\s*|^\s*import\s+)["']([^"'\n]+)["']/gm;
  const packages = [...bare.matchAll(imports)].map(([, specifier]) => packageOf(specifier));
  return new Set(packages.filter(Boolean));
}

/** What a package's README tells its reader to do: the first `npm install` line, the first js or ts block, and the
 * `@types` packages that it names anywhere (a reader who writes TypeScript installs these, too). */
export function readReadme(text) {
  const install = /^```sh\n(?:.*\n)*?npm install (.*)\n/m.exec(text)?.[1];
  if (!install) throw new CheckFailure("README.md has no ```sh block with an `npm install` line");
  const [, language, code] = /^```(js|ts)\n([\s\S]*?)^```/m.exec(text) ?? [];
  if (!code) throw new CheckFailure("README.md has no ```js or ```ts example");
  const words = install.trim().split(/\s+/);
  const types = new Set(text.match(/@types\/[\w-]+/g));
  return { packages: words.filter((word) => !word.startsWith("-")), types: [...types], language, code };
}

/** Fails where the example runs by luck only: what it imports, and the peers of what is installed, must be on the line. */
export function checkInstallLine({ packages, code }, packed) {
  const named = new Set(packages.map((word) => word.replace(/(?<=.)@.*$/, "")));
  for (const name of importedPackages(code)) {
    if (!named.has(name))
      throw new CheckFailure(`the README's example imports ${name}, its install line forgets it`);
  }
  for (const { manifest } of packed.filter(({ manifest }) => named.has(manifest.name))) {
    for (const peer of Object.keys(manifest.peerDependencies ?? {})) {
      if (manifest.peerDependenciesMeta?.[peer]?.optional || named.has(peer)) continue;
      throw new CheckFailure(
        `the README's install line forgets ${peer}, a peer dependency of ${manifest.name}`,
      );
    }
  }
}
