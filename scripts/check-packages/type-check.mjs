import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { CheckFailure, runCommand } from "./run-command.mjs";

const tsc = join(import.meta.dirname, "../../node_modules/typescript/bin/tsc");

const strictest = {
  lib: ["ES2023"],
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  noPropertyAccessFromIndexSignature: true,
  verbatimModuleSyntax: true,
};

/** Each way to resolve modules in the plainest strict project, and once the stricter options, without the DOM. */
const projects = {
  node16: { module: "node16", moduleResolution: "node16" },
  nodenext: { module: "nodenext", moduleResolution: "nodenext" },
  bundler: { module: "preserve", moduleResolution: "bundler" },
  "nodenext-strictest": { module: "nodenext", moduleResolution: "nodenext", ...strictest },
};

/** The errors in tsc's output that are not in the files of third parties: theirs do not stand for us. */
function ownErrors(output) {
  // A message's further lines are indented.
  const errors = output.split(/\n(?=\S)/).filter((text) => /\berror TS\d+/.test(text));
  return errors.filter((text) => {
    const [, owner] = /^.*node_modules\/([^(]*)\(\d+,\d+\): error/.exec(text) ?? [];
    return owner === undefined || owner.startsWith("@durable-mcp/");
  });
}

async function runTsc(project, name, compilerOptions, file) {
  const config = `tsconfig.${name}.json`;
  writeFileSync(join(project, config), JSON.stringify({ compilerOptions, files: [file] }, null, 2));
  const args = [tsc, "--pretty", "false", "-p", config];
  const { code, output } = await runCommand(process.execPath, args, { cwd: project });
  const errors = ownErrors(output);
  if (errors.length > 0 || (code !== 0 && !/\berror TS\d+/.test(output))) {
    const again = `cd ${project} && node ${args.join(" ")}`;
    throw new CheckFailure(`in a project ${name}`, { output: errors.join("\n") || output, again });
  }
}

/** Type-checks consumer.ts together with the declarations that it brings in (`skipLibCheck: false`), and the README's
 * example without them: an example imports SDKs and frameworks, and checking those takes ten times as long. */
export async function typeCheck(project, example) {
  for (const [name, options] of Object.entries(projects)) {
    const base = { target: "ES2022", strict: true, noEmit: true, types: ["node"], ...options };
    const library = { ...base, skipLibCheck: false, skipDefaultLibCheck: true };
    await runTsc(project, name, library, "consumer.ts");
    const script = { ...base, skipLibCheck: true, allowJs: true, checkJs: true };
    await runTsc(project, `${name}.example`, script, example);
  }
}
