import { mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { importedPackages } from "./read-readme.mjs";
import { CheckFailure, mustSucceed } from "./run-command.mjs";

/** Packs one package as it would be published and unpacks it again: its files are what a reader gets. */
export async function pack(folder, target) {
  const { name, version } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  await mustSucceed("pnpm pack", "pnpm", ["pack", "--pack-destination", target], {
    cwd: folder,
    env: process.env,
  });
  const file = `${name.replace("@", "").replace("/", "-")}-${version}.tgz`;
  const unpacked = join(target, file.replace(/\.tgz$/, ""));
  mkdirSync(unpacked);
  await mustSucceed("tar", "tar", ["-xzf", join(target, file), "-C", unpacked, "--strip-components", "1"], {
    cwd: target,
  });
  const manifest = JSON.parse(readFileSync(join(unpacked, "package.json"), "utf8"));
  return { name, folder, manifest, tarball: join(target, file), unpacked };
}

/** The package has what must be in it, and imports nothing that its package.json does not name. */
export function checkContents({ manifest, unpacked }) {
  for (const file of ["README.md", "LICENSE"]) {
    if (!readdirSync(unpacked).includes(file)) throw new CheckFailure(`no ${file} in the tarball`);
  }
  const { dependencies, peerDependencies } = manifest;
  const declared = new Set(Object.keys({ [manifest.name]: "", ...dependencies, ...peerDependencies }));
  for (const file of readdirSync(unpacked, { recursive: true })) {
    if (!/\.(js|d\.ts)$/.test(file)) continue;
    for (const name of importedPackages(readFileSync(join(unpacked, file), "utf8"))) {
      if (!declared.has(name))
        throw new CheckFailure(`${file} imports ${name}, package.json does not name it`);
    }
  }
}
