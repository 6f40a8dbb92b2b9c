/** Who this server is and what it can do, whichever SDK serves it. */
export const SERVER_INFO = { name: "everything", version: "1.0.0" };

export const SERVER_SETTINGS = {
  capabilities: {
    logging: {},
    tools: { listChanged: true },
    prompts: { listChanged: true },
    resources: { listChanged: true, subscribe: true },
  },
  // A restored server object that has forgotten what its client can do refuses to ask it.
  enforceStrictCapabilities: true,
};
