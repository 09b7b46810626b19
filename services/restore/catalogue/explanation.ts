/** How a catalogue entry explains itself to a person. */
export interface Explanation {
  /** One sentence: what, and where. */
  readonly sentence: string;
  /** Who does what next. */
  readonly hint: string;
  /** True when the same request can succeed later without anybody changing it. */
  readonly retryable: boolean;
}

export const list = (names: readonly string[]): string => names.join(', ');

export const say = (sentence: string, hint: string, retryable = false): Explanation => ({
  sentence,
  hint,
  retryable,
});
