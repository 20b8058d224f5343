/** How a stage's program is started, decided while planning. */
export type Program =
  /** One of our operators, started by the same Node that runs us. */
  | { readonly kind: 'operator'; readonly operator: string; readonly args: readonly string[] }
  /** One command, or several joined by real pipes. At least one; each has at least one word. */
  | { readonly kind: 'chain'; readonly commands: readonly (readonly string[])[] }
  /** Shell text that is more than a chain, run by bash. */
  | { readonly kind: 'shell'; readonly script: string };
