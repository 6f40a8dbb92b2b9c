/** Resolves when the event loop has seen to its sockets and timers once more. */
export function nextTurn(): Promise<void> {
  const { setImmediate = setTimeout } = globalThis as { setImmediate?: (callback: () => void) => unknown };
  return new Promise((resolve) => void setImmediate(resolve));
}
