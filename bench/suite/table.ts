/** Tables in Markdown, and how figures are written in them. An unknown figure is an empty cell. */

/** Lines, without an empty one around them. */
export function table(heads: readonly string[], rows: readonly (readonly string[])[]): string[] {
  return [heads, heads.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`);
}

export function whole(value: number | undefined): string {
  return value === undefined ? '' : String(Math.round(value));
}

export function rounded(value: number | undefined, digits: number): string {
  return value === undefined ? '' : value.toFixed(digits);
}
