/** The bindings that whole-system tests run on: the command line's name for each. */
export const BINDINGS = ["node", "express", "fastify", "web"] as const;

export type BindingName = (typeof BINDINGS)[number];
