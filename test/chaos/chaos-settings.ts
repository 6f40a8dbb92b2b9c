import { FAULT_KINDS, type FaultKind } from "./history.js";

/** How long chaos lasts: DURABLE_MCP_CHAOS_MINUTES, or 2. In ms */
export function chaosMs(): number {
  const minutes = Number(process.env.DURABLE_MCP_CHAOS_MINUTES ?? 2);
  if (!(minutes > 0)) throw new TypeError("DURABLE_MCP_CHAOS_MINUTES must be a number greater than 0");
  return minutes * 60_000;
}

/** The faults that chaos is made of: those named in DURABLE_MCP_CHAOS_FAULTS, with commas between, or all. */
export function chaosFaults(): readonly FaultKind[] {
  const names = process.env.DURABLE_MCP_CHAOS_FAULTS?.split(",");
  const kinds = FAULT_KINDS.filter((kind) => names?.includes(kind) ?? true);
  if (kinds.length !== (names ?? FAULT_KINDS).length)
    throw new TypeError(`DURABLE_MCP_CHAOS_FAULTS may name: ${FAULT_KINDS.join(", ")}`);
  return kinds;
}
