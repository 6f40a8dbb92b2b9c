/** The SDKs whose server objects whole-system tests run on: the command line's name for each. */
export const SDKS = ["v1", "v2"] as const;

export type SdkName = (typeof SDKS)[number];
