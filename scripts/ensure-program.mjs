// Makes sure that a program is there which the tests need beside Node, and says nothing if it is. Where it is missing:
// root on Debian and its like gets it by apt-get, everybody else a line that says what to install.
//
// Usage: node scripts/ensure-program.mjs <program> ...      e.g. node scripts/ensure-program.mjs chromium
import { spawnSync } from "node:child_process";
import { rmSync, writeFileSync } from "node:fs";
import { describeProgram, findProgram, howToGet } from "./find-program.mjs";

/** What Debian's packages ask before they start the service that they bring; 101 forbids it. */
const SERVICE_POLICY = "/usr/sbin/policy-rc.d";

const QUIET = { encoding: "utf8", maxBuffer: 64 * 1024 * 1024, stdio: ["ignore", "pipe", "pipe"] };

/** Returns: what went wrong; undefined if the program is there and runs */
function ensure(program) {
  const { aptPackage, variable, versionArgument = "--version" } = describeProgram(program);
  if (findProgram(program) === undefined && !process.env[variable] && mayInstall()) {
    console.log(`Installing ${program} (apt-get install ${aptPackage}) ...`);
    const failure = aptGet("update") ?? withoutServices(() => install(aptPackage));
    if (failure !== undefined) return `${failure}\n${howToGet(program)}`;
  }
  const path = findProgram(program);
  if (path === undefined) return howToGet(program);
  // Ubuntu's package of a browser is but a script that asks for a snap.
  const failure = run(path, [versionArgument]);
  return failure === undefined
    ? undefined
    : `${failure}\n${path} does not run; ${variable} may name another one.`;
}

function mayInstall() {
  return process.getuid?.() === 0 && run("apt-get", ["--version"]) === undefined;
}

function install(aptPackage) {
  return aptGet("install", "-y", "--no-install-recommends", aptPackage);
}

/** Does something while no package starts a service: the tests want the programs, not what listens on their ports. */
function withoutServices(act) {
  try {
    writeFileSync(SERVICE_POLICY, "#!/bin/sh\nexit 101\n", { mode: 0o755, flag: "wx" });
  } catch {
    // Images of containers have a policy of their own, and it says the same.
    return act();
  }
  try {
    return act();
  } finally {
    rmSync(SERVICE_POLICY);
  }
}

function aptGet(...args) {
  // Another apt-get may be at work, say the one of a machine that has just started.
  return run("apt-get", ["-o", "DPkg::Lock::Timeout=120", ...args], { DEBIAN_FRONTEND: "noninteractive" });
}

/** Returns: what the command said, if it failed */
function run(command, args, env = {}) {
  const { status, error, stdout, stderr } = spawnSync(command, args, {
    ...QUIET,
    env: { ...process.env, ...env },
  });
  return status === 0
    ? undefined
    : `${command} ${args.join(" ")}: ${error ?? `${stdout}${stderr}`.trimEnd()}`;
}

const programs = process.argv.slice(2);
if (programs.length === 0)
  throw new TypeError("Name a program, e.g. node scripts/ensure-program.mjs chromium");
for (const program of programs) {
  const failure = ensure(program);
  if (failure === undefined) continue;
  console.error(failure);
  process.exitCode = 1;
}
