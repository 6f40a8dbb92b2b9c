import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { CheckFailure, mustSucceed, readersEnvironment } from "./run-command.mjs";

const root = join(import.meta.dirname, "../..");
const readJson = (file) => JSON.parse(readFileSync(file, "utf8"));

/** The workspace's copy of a third party's package, as the package at `folder`, the tests or the root have it. */
function workspaceCopy(name, folder) {
  const places = [folder, join(root, "test"), root].map((place) => join(place, "node_modules", name));
  return places.find((place) => existsSync(join(place, "package.json")));
}

/** `name@version` at the version that the workspace's lockfile has; what it does not have stays as it is. */
function pinned(word, folder) {
  const copy = word.startsWith("@durable-mcp/") ? undefined : workspaceCopy(word, folder);
  return copy ? `${word}@${readJson(join(copy, "package.json")).version}` : word;
}

/** Does what a package's README says in an empty project: `npm install` of the packages on its line. */
export async function installFromReadme({ folder, readme, project, registry }) {
  mkdirSync(project, { recursive: true });
  writeFileSync(join(project, "package.json"), JSON.stringify({ private: true, type: "module" }));
  writeFileSync(join(project, ".npmrc"), `@durable-mcp:registry=${registry}\n`);
  const words = [...readme.packages, "@types/node", ...readme.types].map((word) => pinned(word, folder));
  // Scripts later: see buildAddons.
  const flags = ["--no-audit", "--no-fund", "--prefer-offline", "--ignore-scripts", "--loglevel=error"];
  await mustSucceed("npm install", "npm", ["install", ...flags, ...words], {
    cwd: project,
    timeoutMs: 300_000,
  });
  await buildAddons(project, folder);
}

/** Has the install scripts of dependencies done. A native addon that this workspace has compiled already, at the very
 * same version, is copied from there; anything else runs its script. */
async function buildAddons(project, folder) {
  const { packages } = readJson(join(project, "package-lock.json"));
  for (const [path, { version, hasInstallScript, optional }] of Object.entries(packages)) {
    if (!hasInstallScript || !existsSync(join(project, path))) continue;
    const name = path.slice(path.lastIndexOf("node_modules/") + "node_modules/".length);
    if (name.startsWith("@durable-mcp/")) throw new CheckFailure(`${name} has an install script`);
    const copy = workspaceCopy(name, folder);
    const addons = copy && join(copy, "build/Release");
    if (addons && existsSync(addons) && readJson(join(copy, "package.json")).version === version) {
      const filter = (file) => file === addons || file.endsWith(".node");
      cpSync(addons, join(project, path, "build/Release"), { recursive: true, dereference: true, filter });
    } else if (!optional) {
      await mustSucceed("npm rebuild", "npm", ["rebuild", "--loglevel=error", name], {
        cwd: project,
        env: { ...readersEnvironment(), ...nodeHeaders() },
        timeoutMs: 300_000,
      });
    }
  }
}

/** Node's own headers for node-gyp, as in .pnpmfile.cjs. */
function nodeHeaders() {
  const prefix = dirname(dirname(process.execPath));
  return existsSync(join(prefix, "include/node/node.h")) ? { npm_config_nodedir: prefix } : {};
}
