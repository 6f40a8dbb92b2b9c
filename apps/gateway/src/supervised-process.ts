import { type ChildProcess, spawn } from "node:child_process";
import { constants } from "node:os";
import { fileURLToPath } from "node:url";
import { getDefaultEnvironment } from "@modelcontextprotocol/sdk/client/stdio.js";
import type { StdioApp } from "./config.js";

/** Stands between the gateway and the command, so that nothing is left behind even after kill -9 of the gateway. */
const SUPERVISE = fileURLToPath(new URL("../bin/supervise.sh", import.meta.url));

/** Time in ms that a process is given to end by itself after its input ended, and again after SIGTERM. */
const GRACE_MS = 2_000;

/**
 * Starts an upstream's command in a process group of its own, with a small environment and the app's additions.
 * Where there is no POSIX shell (Windows), the command is started as it is.
 */
export function startSupervised(app: StdioApp): ChildProcess {
  const env = { ...getDefaultEnvironment(), ...app.env };
  if (process.platform === "win32") {
    return spawn(app.command, app.args, { cwd: app.cwd, env, stdio: "pipe", windowsHide: true });
  }
  return spawn("/bin/sh", [SUPERVISE, app.command, ...app.args], {
    cwd: app.cwd,
    env,
    stdio: ["pipe", "pipe", "pipe", "pipe"],
    detached: true,
  });
}

/** Whether a line on standard error is the supervisor's and not the command's; the exit code says as much. */
export function isSupervisors(line: string): boolean {
  return line.startsWith(`${SUPERVISE}: `);
}

/** Ends the process and whatever it started: end of input, then SIGTERM, then SIGKILL. Resolves when it has exited. */
export async function endSupervised(child: ChildProcess): Promise<void> {
  if (hasExited(child)) return;
  const exited = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  child.stdin?.end();
  if (await within(exited, GRACE_MS)) return;
  killGroup(child, "SIGTERM");
  if (await within(exited, GRACE_MS)) return;
  if (process.platform === "win32") child.kill("SIGKILL");
  else child.kill("SIGUSR1");
  if (await within(exited, GRACE_MS)) return;
  killGroup(child, "SIGKILL");
  await exited;
}

/** Signals what is left of the process group; does nothing when nothing is. */
export function killGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    if (process.platform === "win32") child.kill(signal);
    else process.kill(-child.pid, signal);
  } catch {
    // Nothing is left of it.
  }
}

/** How a process ended, for people: "exited with code 3", "was ended by SIGKILL", "was not found". */
export function describeExit(code: number | null, signal: NodeJS.Signals | null): string {
  if (code === 127) return "could not be started: command not found";
  if (code === 126) return "could not be started: command not executable";
  const number = code !== null && code > 128 ? code - 128 : undefined;
  const name = signal ?? Object.entries(constants.signals).find(([, value]) => value === number)?.[0];
  return name === undefined ? `exited with code ${code}` : `was ended by ${name}`;
}

function hasExited(child: ChildProcess): boolean {
  return child.pid === undefined || child.exitCode !== null || child.signalCode !== null;
}

async function within(event: Promise<void>, ms: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), ms);
  });
  return Promise.race([event.then(() => true), late]).finally(() => clearTimeout(timer));
}
