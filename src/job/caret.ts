/** Characters shown on either side of the caret, so that the line fits a terminal. */
const SHOWN_BEFORE = 60;
const SHOWN_AFTER = 30;

/** Two indented lines: the line of `text` that holds `offset`, cut to a terminal's width, and a caret below that place. */
export function pointAt(text: string, offset: number): string {
  const lineStart = text.lastIndexOf('\n', offset - 1) + 1;
  const newline = text.indexOf('\n', offset);
  const lineEnd = newline === -1 ? text.length : newline;
  const from = Math.max(lineStart, offset - SHOWN_BEFORE);
  const to = Math.min(lineEnd, offset + SHOWN_AFTER);
  const before = (from > lineStart ? '…' : '') + printable(text.slice(from, offset));
  const after = printable(text.slice(offset, to)) + (to < lineEnd ? '…' : '');
  return `  ${before}${after}\n  ${' '.repeat(Array.from(before).length)}^`;
}

function printable(text: string): string {
  // A tab or another control character would move the caret away from its place.
  return text.replace(/\p{Cc}/gu, ' ');
}
