// Packs every published package as it would be published and checks the tarball: what it exports exists, resolves and
// has types (publint, are-the-types-wrong). ESM only, on purpose: the CommonJS resolution modes are left out.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const target = mkdtempSync(join(tmpdir(), "durable-mcp-pack-"));
const run = (command, args, cwd) =>
  execFileSync(command, args, { cwd, stdio: ["ignore", "inherit", "inherit"] });
const bin = (name) => join(import.meta.dirname, "..", "node_modules", ".bin", name);

try {
  for (const name of readdirSync("packages")) {
    const folder = join("packages", name);
    const manifest = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
    console.log(`\n${manifest.name}`);
    for (const file of ["README.md", "LICENSE"]) {
      if (!readdirSync(folder).includes(file)) throw new Error(`${folder} has no ${file}`);
    }
    execFileSync("pnpm", ["pack", "--pack-destination", target], {
      cwd: folder,
      stdio: ["ignore", "ignore", "inherit"],
    });
    const tarball = join(
      target,
      `${manifest.name.replace("@", "").replace("/", "-")}-${manifest.version}.tgz`,
    );
    run(bin("publint"), [tarball, "--strict"]);
    run(bin("attw"), [tarball, "--profile", "esm-only", "--no-emoji"]);
  }
} finally {
  rmSync(target, { recursive: true, force: true });
}
