import { DurableMcpError, type Store } from "@durable-mcp/contract";

const INTERVAL_MS = 5_000;
/** Most sessions and streams that one step works on. */
const STEP = 500;

/** The stores that are being swept, and whether they were used since the last round. */
const rounds = new WeakMap<Store, { used: boolean }>();

/**
 * Removes what has expired from the store every 5 s, as an endpoint would, for as long as the store is open and keeps
 * sessions of that principal. Never keeps the process running.
 *
 * Source:  G7
 */
export function keepSwept(store: Store, principal: string): void {
  const known = rounds.get(store);
  if (known) {
    known.used = true;
    return;
  }
  const round = { used: true };
  rounds.set(store, round);
  schedule(store, principal, round);
}

function schedule(store: Store, principal: string, round: { used: boolean }): void {
  setTimeout(() => void sweep(store, principal, round), INTERVAL_MS).unref();
}

async function sweep(store: Store, principal: string, round: { used: boolean }): Promise<void> {
  round.used = false;
  if ((await isEmptied(store, principal)) && !round.used) rounds.delete(store);
  else schedule(store, principal, round);
}

async function isEmptied({ sessions }: Store, principal: string): Promise<boolean> {
  try {
    while ((await sessions.sweep(STEP)).more) {
      // one small step after the other
    }
    return (await sessions.list(principal, { limit: 1 })).sessions.length === 0;
  } catch (error) {
    // A store that is out of reach may come back.
    return error instanceof DurableMcpError && error.code === "STORE_CLOSED";
  }
}
