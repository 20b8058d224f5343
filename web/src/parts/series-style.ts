/** How lines of stages look: a colour and dashes for each, so that neither alone has to tell them apart. */

/** Stages beyond that begin again. */
export const SERIES_COUNT = 8;

const DASHES: readonly (readonly number[])[] = [[], [6, 3], [2, 3], [10, 3, 2, 3], [], [6, 3], [2, 3], [10, 3, 2, 3]];

export function dashOf(stage: number): number[] {
  return [...DASHES[stage % SERIES_COUNT] ?? []];
}

/** A colour of the present scheme, as the style sheet has it. */
export function colour(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}

export function colourOf(stage: number): string {
  return colour(`series-${stage % SERIES_COUNT}`);
}
