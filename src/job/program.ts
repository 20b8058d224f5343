/** One of our operators with the arguments of its own command line. */
export interface OperatorCall {
  readonly operator: string;
  readonly args: readonly string[];
}

/** How a stage's program is started, decided while planning. */
export type Program =
  /** Operators of ours, in one process that is started by the same Node that runs us. At least one. */
  | { readonly kind: 'operators'; readonly operators: readonly OperatorCall[] }
  /** One command, or several joined by real pipes. At least one; each has at least one word. */
  | { readonly kind: 'chain'; readonly commands: readonly (readonly string[])[] }
  /** Shell text that is more than a chain, run by bash. */
  | { readonly kind: 'shell'; readonly script: string };
