/** Anything JSON can say. */
export type JsonValue = null | boolean | number | string | readonly JsonValue[] | JsonObject;

/** A JSON object. Absent and `undefined` members are the same thing and are not stored. */
export interface JsonObject {
  readonly [key: string]: JsonValue | undefined;
}
