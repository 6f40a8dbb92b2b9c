/** What every node of a fleet is told on its command line. */
export interface NodeFlags {
  readonly heartbeatTtlMs: number;
  /** How long a terminated node may go on with what runs, in ms. */
  readonly drainMs: number;
  /** How long it goes on taking requests after it has turned not ready, in ms. */
  readonly readinessGraceMs: number;
}

/** The command line of the everything server for one node. */
export function nodeArgs(name: string, flags: NodeFlags): readonly string[] {
  const { heartbeatTtlMs, drainMs, readinessGraceMs } = flags;
  return [
    ...["--node-id", name],
    ...["--heartbeat-ttl-ms", String(heartbeatTtlMs)],
    ...["--drain-ms", String(drainMs)],
    ...["--readiness-grace-ms", String(readinessGraceMs)],
  ];
}
