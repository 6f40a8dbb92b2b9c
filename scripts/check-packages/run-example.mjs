import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { callServer, freePort } from "./call-server.mjs";
import { importedPackages } from "./read-readme.mjs";
import { withRedis } from "./redis-beside.mjs";
import { CheckFailure, mustSucceed } from "./run-command.mjs";

/** What an example is, by what it says: one with tests is run by vitest, one with port 3000 is a server, and any other
 * is a program that ends by itself. */
function kindOf(code) {
  if (importedPackages(code).has("vitest") || /\btestStore\(/.test(code)) return "test";
  return /\b3000\b/.test(code) ? "server" : "program";
}

/** Writes a README's example into the project. Returns the file's name. */
export function writeExample(project, { language, code }) {
  if (language === "ts" && kindOf(code) !== "test") {
    throw new CheckFailure("the README's first example is ```ts, which Node 20 does not run: make it ```js");
  }
  const file = `example${kindOf(code) === "test" ? ".test" : ""}.${language}`;
  writeFileSync(join(project, file), code);
  return file;
}

/** Runs a README's example as it stands, but for its port, and that of the Redis it expects. */
export function runExample(project, file, { code }) {
  return withRedis(code, project, (adjusted) => {
    if (adjusted !== code) writeFileSync(join(project, file), adjusted);
    return run(project, file, adjusted);
  });
}

async function run(project, file, code) {
  const kind = kindOf(code);
  if (kind === "test") {
    const vitest = join(project, "node_modules/vitest/vitest.mjs");
    await mustSucceed("the README's example", process.execPath, [vitest, "run", file], { cwd: project });
  } else if (kind === "server") {
    const port = await freePort();
    const served = "example-on-a-free-port.js";
    writeFileSync(join(project, served), code.replaceAll(/\b3000\b/g, String(port)));
    await callServer(project, served, port);
  } else {
    const stdout = await mustSucceed("the README's example", process.execPath, [file], { cwd: project });
    checkPrinted(code, stdout, `cd ${project} && node ${file}`);
  }
}

/** `console.log(...); // text` promises that this line prints the text. */
function checkPrinted(code, stdout, again) {
  const promised = [...code.matchAll(/^.*\bconsole\.log\(.*\);[ \t]*\/\/ (.*)$/gm)].map(([, text]) => text);
  if (promised.length === 0)
    throw new CheckFailure("the README's example prints nothing that a comment promises");
  const printed = stdout.trimEnd().split("\n");
  if (promised.join("\n") !== printed.join("\n")) {
    const output = `promised:\n${promised.join("\n")}\nprinted:\n${printed.join("\n")}`;
    throw new CheckFailure("the README's example does not print what its comments say", { output, again });
  }
}
