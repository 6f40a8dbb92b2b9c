import { type Browser, chromium } from "playwright-core";
import { requireProgram } from "../../scripts/find-program.mjs";

/** Starts the machine's own Chromium, headless, with a fresh profile. It talks to nobody but the tests. */
export function launchChromium(): Promise<Browser> {
  return chromium.launch({
    executablePath: requireProgram("chromium"),
    args: [
      // Root cannot have Chromium's sandbox; the pages are our own.
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
    timeout: 20_000,
  });
}
