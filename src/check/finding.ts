/** What a check has found out about a program. */

export const CHECKS = [
  'deterministic', 'stateless', 'foldable', 'fold-large-numbers', 'fold-fractions', 'exit-status', 'reads-all-input',
  'prints-at-once', 'empty-lines', 'long-lines', 'any-bytes', 'dies-cleanly',
] as const;

export type CheckName = (typeof CHECKS)[number];

/** `unknown`: what was tried does not show it. */
export type Verdict = 'yes' | 'no' | 'unknown';

/** A small case that shows a `no`. Texts are for people: control characters are escaped, long ones cut. */
export interface Example {
  /** What was done with the input. */
  readonly how: string;
  /** The first tuples of the input. */
  readonly input: readonly string[];
  /** How many tuples the input has. */
  readonly inputTuples: number;
  /** The first line in which the two outputs differ; undefined where an output has none. */
  readonly expected: string | undefined;
  readonly got: string | undefined;
}

export interface Finding {
  readonly check: CheckName;
  readonly verdict: Verdict;
  /** One sentence part, without a full stop. */
  readonly why: string;
  readonly example?: Example | undefined;
  /** Of `prints-at-once`: what was seen. */
  readonly prints?: 'at once' | 'in blocks' | 'at the end' | undefined;
}
