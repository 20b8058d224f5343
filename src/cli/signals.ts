/** Ctrl-C and its relatives: the first asks for an orderly end, the second for an immediate one. */
export const EXIT_INTERRUPTED = 130;

const ENDING: readonly NodeJS.Signals[] = ['SIGINT', 'SIGTERM', 'SIGHUP'];

/** Calls `first` at the first signal and `second` at each later one, until the function it gives is called. */
export function onEndingSignals(first: (signal: NodeJS.Signals) => void, second: () => void): () => void {
  let seen = false;
  const handler = (signal: NodeJS.Signals) => {
    if (seen) return second();
    seen = true;
    first(signal);
  };
  for (const signal of ENDING) process.on(signal, handler);
  return () => {
    for (const signal of ENDING) process.off(signal, handler);
  };
}
