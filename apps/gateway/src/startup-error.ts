/** Why the gateway cannot start, in words for the person who started it. Printed without a stack; exit code 1. */
export class StartupError extends Error {
  override readonly name = "StartupError";
}

/** Someone else's message, without its line ends. */
export function inOneLine(message: string): string {
  return message.trim().replace(/\s*[\r\n]+\s*/g, " ");
}
