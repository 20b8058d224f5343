/** Text in the cells of a terminal: what a cell may hold, how wide it is, and how it is made as wide as it should be. */
import stringWidth from 'string-width';

const CUT_MARK = '…';

/** Written back to front, or over what stands elsewhere: marks of the direction of writing. */
const DIRECTION_MARKS = /[\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]/gu;

const FIRST_C1 = 0x7f;
const CONTROL_PICTURES = 0x2400;
const DELETE_PICTURE = '\u2421';
const UNKNOWN = '\uFFFD';

/** Longer cells are cut anyhow; to measure all of a tuple of megabytes would take seconds. */
const MAX_CELL_CHARACTERS = 4_096;

const graphemes = new Intl.Segmenter();

/** A text without anything that could move the cursor: ␉ for a tab, ␊ for a newline, ␛ for an escape, � for what has no picture. */
export function visible(text: string): string {
  return text.slice(0, MAX_CELL_CHARACTERS).replaceAll(/\p{Cc}/gu, picture).replaceAll(DIRECTION_MARKS, UNKNOWN);
}

function picture(character: string): string {
  const code = character.charCodeAt(0);
  if (code === FIRST_C1) return DELETE_PICTURE;
  return code < FIRST_C1 ? String.fromCharCode(CONTROL_PICTURES + code) : UNKNOWN;
}

/** In columns of a terminal: 2 for 水, 0 for a combining mark. */
export function widthOf(text: string): number {
  return stringWidth(text);
}

/** At most `width` columns of a text, the last one … where it is longer. */
export function cut(text: string, width: number): string {
  if (text.length <= width && /^[\x20-\x7e]*$/.test(text)) return text;
  if (widthOf(text) <= width) return text;
  if (width < 1) return '';
  return beginningOf(text, width - 1) + CUT_MARK;
}

/** Exactly `width` columns: cut, or filled with spaces behind it, or before it. */
export function fit(text: string, width: number, align: 'left' | 'right' = 'left'): string {
  const shown = cut(text, width);
  const space = ' '.repeat(Math.max(0, width - widthOf(shown)));
  return align === 'left' ? shown + space : space + shown;
}

/** A text on several lines of at most `width` columns (1 or more), between words where it can be. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let rest = text.trimEnd();
  while (widthOf(rest) > width) {
    const beginning = beginningOf(rest, width) || firstOf(rest);
    const space = rest.startsWith(' ', beginning.length) ? beginning.length : beginning.lastIndexOf(' ');
    const end = space > 0 && beginning.slice(0, space).trim() !== '' ? space : beginning.length;
    lines.push(rest.slice(0, end).trimEnd());
    rest = rest.slice(end).trimStart();
  }
  return rest === '' && lines.length > 0 ? lines : [...lines, rest];
}

/** The first `most` lines of any text as `wrap` makes them, the last one cut where there are more. */
export function firstLines(text: string, width: number, most: number): string[] {
  const all = wrap(visible(text), width);
  return all.length <= most ? all : [...all.slice(0, most - 1), cut(all.slice(most - 1).join(' '), width)];
}

/** As much of a text as stands in `width` columns. */
function beginningOf(text: string, width: number): string {
  let used = 0;
  let end = 0;
  for (const { segment, index } of graphemes.segment(text)) {
    used += widthOf(segment);
    if (used > width) break;
    end = index + segment.length;
  }
  return text.slice(0, end);
}

function firstOf(text: string): string {
  const [first] = graphemes.segment(text);
  return first?.segment ?? '';
}
