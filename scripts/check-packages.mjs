// Packs every published package as it would be published, and does with the tarballs what a reader does who has nothing
// but npm and the package's README:
//
//   publint, attw  what the tarball exports exists, resolves and has types. ESM only, on purpose: the CommonJS
//                  resolution modes are left out
//   contents       README and LICENSE are in it, and it imports only what its package.json names: a missing dependency
//                  would otherwise be hidden wherever another package brings the same one
//   install        npm installs the README's `npm install` line into an empty project outside of the repository. The
//                  packages come from a registry on this machine that has only the tarballs, so their ranges for each
//                  other are resolved as on npm. The line must name every package that the example imports, and their peers
//   exports        each entry of `exports` has declarations, which export each thing by its name
//   import         Node loads every value that the package exports
//   types          every exported name, `skipLibCheck: false`, and the README's example, under node16, nodenext and bundler in
//                  plain strict projects, and in one with the strictest options. Errors inside third parties' declarations do
//                  not count. Installed for it beside the README's line: @types/node, and each @types package that the README names
//   example        the README's first js or ts block runs as it stands. A server (port 3000, path /mcp) is called by the official
//                  client; a program ends with 0 and prints what `console.log(...); // this` says; tests run in vitest
//
// One project for each package, since in a shared one a package would find what another one's README asks for. Two things
// differ from the reader's machine, for time and for a result that is the same tomorrow: third parties on the install line
// have the versions of our lockfile, and a native addon (better-sqlite3: a minute to compile) is copied from the workspace,
// which compiled or downloaded the same version by the same script.
//
// Usage: pnpm check-packages [--keep] [folder ...]      e.g. pnpm check-packages --keep core
// --keep leaves the temporary folder in place, to look at what failed; otherwise it is removed, also on failure.
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { importEverything, writeConsumers } from "./check-packages/consumer.mjs";
import { installFromReadme } from "./check-packages/install.mjs";
import { serveTarballs } from "./check-packages/local-registry.mjs";
import { checkContents, pack } from "./check-packages/pack.mjs";
import { checkInstallLine, readReadme } from "./check-packages/read-readme.mjs";
import { mustSucceed } from "./check-packages/run-command.mjs";
import { runExample, writeExample } from "./check-packages/run-example.mjs";
import { typeCheck } from "./check-packages/type-check.mjs";

const root = join(import.meta.dirname, "..");
const keep = process.argv.includes("--keep");
const wanted = process.argv.slice(2).filter((argument) => !argument.startsWith("-"));
const folders = readdirSync(join(root, "packages"));
const unknown = wanted.find((folder) => !folders.includes(folder));
if (unknown) throw new TypeError(`There is no packages/${unknown}. There are: ${folders.join(", ")}.`);

const target = realpathSync(mkdtempSync(join(tmpdir(), "durable-mcp-pack-")));
process.once("exit", () => {
  if (keep) console.log(`Kept: ${target}`);
  else rmSync(target, { recursive: true, force: true });
});
for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => process.exit(1));

let failures = 0;

/** Runs one check and says how it went. Returns whether what it checks holds. */
async function check(name, what, holds) {
  const startedMs = Date.now();
  try {
    await holds();
    console.log(`ok    ${name}  ${what}  ${((Date.now() - startedMs) / 1000).toFixed(1)} s`);
    return true;
  } catch (error) {
    failures += 1;
    const details = [error.output ?? error.stack, error.again && `Again, with --keep: ${error.again}`];
    const text = [`FAIL  ${name}  ${what}: ${error.message}`, ...details.filter(Boolean)].join("\n");
    console.log(text.replaceAll("\n", "\n        "));
    return false;
  }
}

async function forEach(items, work) {
  const left = [...items];
  const worker = async () => {
    for (let item = left.shift(); item !== undefined; item = left.shift()) await work(item);
  };
  await Promise.all(Array.from({ length: Math.min(4, availableParallelism()) }, worker));
}

async function checkPackage(packed, all, registry) {
  const { name, folder, manifest, tarball, unpacked } = packed;
  const bin = (tool) => join(root, "node_modules/.bin", tool);
  const options = { cwd: root, env: process.env };
  await check(name, "publint", () => mustSucceed("publint", bin("publint"), [tarball, "--strict"], options));
  await check(name, "attw", () =>
    mustSucceed("attw", bin("attw"), [tarball, "--profile", "esm-only", "--no-emoji"], options),
  );
  await check(name, "contents", () => checkContents(packed));

  const project = join(target, "projects", packed.folderName);
  let readme;
  const installed = await check(name, "install", async () => {
    readme = readReadme(readFileSync(join(unpacked, "README.md"), "utf8"));
    checkInstallLine(readme, all);
    await installFromReadme({ folder, readme, project, registry });
  });
  if (!installed) return;
  if (!(await check(name, "exports", () => writeConsumers({ manifest, unpacked, project })))) return;
  await check(name, "import", () => importEverything(project));
  await check(name, "types", () => typeCheck(project, writeExample(project, readme)));
  await check(name, "example", () => runExample(project, writeExample(project, readme), readme));
}

const packed = [];
mkdirSync(join(target, "tarballs"));
await forEach(folders, (folderName) =>
  check(`packages/${folderName}`, "pack", async () => {
    packed.push({
      folderName,
      ...(await pack(join(root, "packages", folderName), join(target, "tarballs"))),
    });
  }),
);
const registry = await serveTarballs(packed);
const chosen = packed.filter(({ folderName }) => wanted.length === 0 || wanted.includes(folderName));
await forEach(chosen, (one) => checkPackage(one, packed, registry.url));
registry.close();
console.log(failures === 0 ? "All packages hold." : `${failures} failed.`);
process.exitCode = failures === 0 ? 0 : 1;
