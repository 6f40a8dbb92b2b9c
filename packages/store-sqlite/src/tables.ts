import type { Retention } from "@durable-mcp/contract";
import type { Database } from "better-sqlite3";
import { EventTable } from "./event-table.js";
import { Health } from "./health.js";
import { SessionCounts } from "./session-counts.js";
import { SessionRemoval } from "./session-removal.js";
import { SessionTable } from "./session-table.js";
import { StreamPurge } from "./stream-purge.js";
import { StreamRetention } from "./stream-retention.js";
import { StreamTable } from "./stream-table.js";
import { WriteQueue } from "./write-queue.js";

/** The parts that work on one open database, put together. */
export interface Tables {
  readonly health: Health;
  readonly queue: WriteQueue;
  readonly sessions: SessionTable;
  readonly counts: SessionCounts;
  readonly streams: StreamTable;
  readonly events: EventTable;
  readonly purge: StreamPurge;
  readonly removal: SessionRemoval;
  readonly retention: StreamRetention;
}

export function createTables(db: Database, file: string, bounds: Retention): Tables {
  const health = new Health(file);
  const sessions = new SessionTable(db);
  const counts = new SessionCounts(db);
  const streams = new StreamTable(db);
  const events = new EventTable(db);
  const purge = new StreamPurge(streams, events);
  return {
    health,
    queue: new WriteQueue(db, health),
    sessions,
    counts,
    streams,
    events,
    purge,
    removal: new SessionRemoval(sessions, counts, purge),
    retention: new StreamRetention(bounds, streams, events, purge),
  };
}
