import { CURSOR_ATTACKS } from "./attacks-cursors.js";
import { GUESSED_ID_ATTACKS } from "./attacks-guessed-ids.js";
import { RUNNING_CALL_ATTACKS } from "./attacks-running-calls.js";
import { SESSION_LIFE_ATTACKS } from "./attacks-session-life.js";
import { SOCKET_ATTACKS } from "./attacks-sockets.js";
import { attackOf } from "./row.js";
import { DEPTH_ROWS } from "./rows-depth.js";
import { ENCODING_ROWS } from "./rows-encoding.js";
import { HEADER_ROWS } from "./rows-headers.js";
import { HTTP_ROWS } from "./rows-http.js";
import { ID_ROWS } from "./rows-ids.js";
import { MESSAGE_ROWS } from "./rows-messages.js";
import { PROTOTYPE_ROWS } from "./rows-prototype.js";
import { SESSION_ROWS } from "./rows-sessions.js";
import { SIZE_ROWS } from "./rows-size.js";
import type { Attack } from "./stage.js";

/** Every attack that is known, by theme. */
export const CORPUS: Readonly<Record<string, readonly Attack[]>> = {
  encoding: ENCODING_ROWS.map(attackOf),
  size: SIZE_ROWS.map(attackOf),
  depth: DEPTH_ROWS.map(attackOf),
  messages: MESSAGE_ROWS.map(attackOf),
  ids: ID_ROWS.map(attackOf),
  prototypes: PROTOTYPE_ROWS.map(attackOf),
  headers: HEADER_ROWS.map(attackOf),
  HTTP: HTTP_ROWS.map(attackOf),
  "session ids": [...SESSION_ROWS.map(attackOf), ...GUESSED_ID_ATTACKS],
  cursors: CURSOR_ATTACKS,
  sockets: SOCKET_ATTACKS,
  "running calls": RUNNING_CALL_ATTACKS,
  "the life of sessions": SESSION_LIFE_ATTACKS,
};
