import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join, posix } from "node:path";
import { CheckFailure, mustSucceed } from "./run-command.mjs";

/** The names that an index.d.ts exports. It must export each by name: `export { a, type B } from "./x.js"`. */
function exportedNames(declarations) {
  const values = [];
  const types = [];
  const lists = /\bexport\s+(type\s+)?\{([^}]*)\}/g;
  const code = declarations.replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, "");
  for (const [, allTypes, list] of code.matchAll(lists)) {
    for (const item of list.split(",").map((item) => item.trim())) {
      if (item === "") continue;
      const isType = allTypes || item.startsWith("type ");
      (isType ? types : values).push(item.replace(/^type\s+/, "").replace(/^.*\sas\s+/, ""));
    }
  }
  if (/\bexport\b/.test(code.replace(lists, ""))) {
    throw new CheckFailure("index.d.ts exports something otherwise than by `export { name }`");
  }
  if (values.length === 0) throw new CheckFailure("exports no value");
  return { values, types };
}

/** Writes consumer.ts and consumer.js, which import everything that the package exports, each by its name. */
export function writeConsumers({ manifest, unpacked, project }) {
  let typed = "";
  let plain = "";
  for (const [index, [path, target]] of Object.entries(manifest.exports).entries()) {
    if (path === "./package.json") continue;
    const file = join(unpacked, target.types);
    if (!existsSync(file))
      throw new CheckFailure(`${target.types}, the types of "${path}", is not in the tarball`);
    const { values, types } = exportedNames(readFileSync(file, "utf8"));
    const specifier = posix.join(manifest.name, path);
    const names = [...values, ...types.map((name) => `type ${name}`)].join(", ");
    typed += `import * as all${index} from "${specifier}";\nimport { ${names} } from "${specifier}";\n`;
    typed += `export const values${index} = [all${index}, ${values.join(", ")}];\n`;
    typed += `export type { ${types.join(", ")} };\n`;
    plain += `import { ${values.join(", ")} } from "${specifier}";\n`;
  }
  writeFileSync(join(project, "consumer.ts"), typed);
  writeFileSync(join(project, "consumer.js"), plain);
}

/** Loads every value that the package exports with Node. */
export async function importEverything(project) {
  await mustSucceed("importing every export", process.execPath, ["consumer.js"], { cwd: project });
}
