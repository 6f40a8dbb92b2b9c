import { spawn } from "node:child_process";

/** A check that did not hold: what is wrong, the output that shows it, and the command that shows it again. */
export class CheckFailure extends Error {
  constructor(message, { output = "", again = "" } = {}) {
    super(message);
    this.output = output.trim();
    this.again = again;
  }
}

/** The environment of a reader's machine: nothing in it leads back to this repository. */
export function readersEnvironment() {
  const { NODE_PATH: _path, NODE_OPTIONS: _options, VITEST: _vitest, ...environment } = process.env;
  const direct = [environment.NO_PROXY ?? environment.no_proxy, "127.0.0.1", "localhost"];
  const noProxy = direct.filter(Boolean).join(",");
  return { ...environment, NO_PROXY: noProxy, no_proxy: noProxy };
}

const running = new Set();
process.once("exit", () => {
  for (const child of running) child.kill("SIGKILL");
});

/** Starts a program that does not outlive this one, and gives every piece of its output to `onOutput`. */
export function startProgram(command, args, { cwd, env = readersEnvironment(), onOutput }) {
  const child = spawn(command, args, { cwd, env, stdio: ["ignore", "pipe", "pipe"] });
  running.add(child);
  child.once("close", () => running.delete(child));
  for (const name of ["stdout", "stderr"]) child[name].on("data", (chunk) => onOutput(String(chunk), name));
  return child;
}

/** Runs a program to its end and returns `{ code, output, stdout }`; never throws for its exit code. */
export function runCommand(command, args, { timeoutMs = 120_000, ...options }) {
  return new Promise((resolve, reject) => {
    let output = "";
    let stdout = "";
    const onOutput = (text, name) => {
      output += text;
      if (name === "stdout") stdout += text;
    };
    const child = startProgram(command, args, { ...options, onOutput });
    const deadline = setTimeout(() => {
      output += `\nStopped after ${timeoutMs / 1000} s.`;
      child.kill("SIGKILL");
    }, timeoutMs);
    child.once("error", reject);
    child.once("close", (code) => {
      clearTimeout(deadline);
      resolve({ code, output, stdout });
    });
  });
}

/** Runs a program that must end with 0. */
export async function mustSucceed(what, command, args, options) {
  const { code, output, stdout } = await runCommand(command, args, options);
  if (code !== 0) {
    const again = `cd ${options.cwd} && ${[command, ...args].join(" ")}`;
    throw new CheckFailure(`${what} ended with ${code ?? "a signal"}`, { output, again });
  }
  return stdout;
}
