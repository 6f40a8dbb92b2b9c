/** What is measured, in the order of the table's columns; the first is what the others are compared with. */
export const SUBJECTS = ["sdk", "memory", "sqlite", "bare"] as const;

export type Subject = (typeof SUBJECTS)[number];

/** The subject that ratios refer to. */
export const BASELINE: Subject = "sdk";

export const SUBJECT_TITLES: Readonly<Record<Subject, string>> = {
  sdk: "SDK + example store",
  memory: "Durable MCP, memory",
  sqlite: "Durable MCP, SQLite",
  bare: "bare node:http",
};
