// Where the programs are that the tests need beside Node: for what installs them and for what runs them.
import { accessSync, constants, statSync } from "node:fs";
import { delimiter, join } from "node:path";

/**
 * By the name on the command line of ensure-program.mjs; `names` are looked for on PATH, the first one first.
 * `versionArgument` is what makes the program say its version and end; `--version` unless named.
 */
const PROGRAMS = {
  chromium: {
    names: ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"],
    aptPackage: "chromium",
    variable: "CHROMIUM_PATH",
  },
  "redis-server": {
    names: ["redis-server", "valkey-server"],
    aptPackage: "redis-server",
    variable: "REDIS_SERVER_PATH",
  },
  nginx: {
    names: ["nginx"],
    aptPackage: "nginx",
    variable: "NGINX_PATH",
    versionArgument: "-v",
  },
};

/** Where Debian puts servers, which is not on everybody's PATH. */
const SERVER_FOLDERS = ["/usr/local/sbin", "/usr/sbin"];

/** The row of the table. */
export function describeProgram(program) {
  const row = Object.hasOwn(PROGRAMS, program) ? PROGRAMS[program] : undefined;
  if (row) return row;
  throw new TypeError(`Unknown program: ${program}. Expected one of: ${Object.keys(PROGRAMS).join(", ")}.`);
}

/** The path of a program; what its environment variable names goes first, and then nothing else will do. */
export function findProgram(program) {
  const { names, variable } = describeProgram(program);
  const named = process.env[variable];
  if (named) return isExecutable(named) ? named : undefined;
  const folders = [...(process.env.PATH ?? "").split(delimiter).filter(Boolean), ...SERVER_FOLDERS];
  const paths = names.flatMap((name) => folders.map((folder) => join(folder, name)));
  return paths.find(isExecutable);
}

/** The path of a program; an error that says what to do where there is none. */
export function requireProgram(program) {
  const path = findProgram(program);
  if (path === undefined) throw new Error(howToGet(program));
  return path;
}

/** One line: what to do about a program that is missing. */
export function howToGet(program) {
  const { names, aptPackage, variable } = describeProgram(program);
  const named = process.env[variable];
  if (named) return `${variable} names ${named}, which is no executable file.`;
  return (
    `The tests need ${program}, and PATH has none of: ${names.join(", ")}. ` +
    `Install it (Debian: apt-get install ${aptPackage}) or name one in ${variable}.`
  );
}

function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
