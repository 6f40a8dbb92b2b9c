// @ts-check
import { appsOf } from "./apps.js";
import { principalOf } from "./auth.js";

const MODES = ["static", "dynamic"];

/** @typedef {ReturnType<typeof appsOf>} Apps */

/**
 * The names in `?apps=a,b`, each once; without it, those of all the user's apps.
 * @param {Readonly<Record<string, unknown>>} query
 * @param {Apps} available
 */
export function appNames({ apps }, available) {
  return apps === undefined ? [...available.keys()] : [...new Set(String(apps).split(","))];
}

/**
 * Refuses to open a session with a query that names what there is not. The query of a session that is open does not
 * matter: what it was opened with is stored.
 * @param {import("express").Request} req
 * @param {import("express").Response} res
 * @param {import("express").NextFunction} next
 */
export function checkQuery(req, res, next) {
  const available = appsOf(principalOf(req.auth).subject);
  const problem = req.get("mcp-session-id") ? undefined : problemIn(req.query, available);
  if (problem === undefined) next();
  else res.status(400).json({ jsonrpc: "2.0", error: { code: -32602, message: problem }, id: null });
}

/**
 * @param {Readonly<Record<string, unknown>>} query
 * @param {Apps} available
 */
function problemIn({ apps, mode = "static" }, available) {
  if (Array.isArray(apps)) return "Name all apps in one `apps`, with commas between";
  const unknown = appNames({ apps }, available).filter((name) => !available.has(name));
  if (unknown.length > 0)
    return `Unknown app "${unknown.join('", "')}"; there are ${[...available.keys()].join(", ")}`;
  if (!MODES.includes(String(mode))) return `Unknown mode "${mode}"; there are ${MODES.join(", ")}`;
  return undefined;
}
