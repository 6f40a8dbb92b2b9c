/** Something that must not have happened. */
export interface Violation {
  /** What is wrong, in a sentence. */
  readonly sentence: string;
  /** The call or session that it happened to, if it was one. */
  readonly of?: string;
}
