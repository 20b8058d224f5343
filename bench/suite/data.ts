/** The inputs of the benchmarks, always the same bytes for the same size. */
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { generateRows } from '../../src/job/generate-rows.ts';
import { Random } from '../../src/base/random.ts';
import type { Case } from './cases.ts';

const SEED = 42;

/** Words per line, and how many different words: about what prose has. */
const LINE_WORDS = 12;
const VOCABULARY = 20_000;
const LINES_PER_CHUNK = 1024;

/** A line of text has as many words as a row has fields, more or less. */
const ROWS_PER_LINE = 4;
const FEW_ROWS = 9_000;

/** The file of each kind of input. */
export const INPUTS: Readonly<Record<Case['input'], string>> = { rows: 'rows.csv', text: 'text.txt', few: 'few.csv' };

/** Those that are `wanted`, `rows` rows or about as many bytes of text. */
export async function writeInputs(folder: string, rows: number, wanted: ReadonlySet<Case['input']>): Promise<void> {
  if (wanted.has('rows')) await writeRows(join(folder, INPUTS.rows), rows);
  if (wanted.has('few')) await writeRows(join(folder, INPUTS.few), FEW_ROWS);
  if (wanted.has('text')) await writeText(join(folder, INPUTS.text), Math.ceil(rows / ROWS_PER_LINE));
}

/** CSV rows of about 80 bytes without a header, a third of them with quotes, nine columns. */
export async function writeRows(path: string, count: number): Promise<void> {
  let first = true;
  await writeChunks(path, generateRows(count, SEED), (chunk) => {
    const rows = first ? chunk.subarray(chunk.indexOf('\n') + 1) : chunk;
    first = false;
    return rows;
  });
}

/** Lines of words parted by single spaces, a few of which are common and most rare. */
async function writeText(path: string, lines: number): Promise<void> {
  await writeChunks(path, textChunks(lines), (chunk) => chunk);
}

function* textChunks(lines: number): Generator<Buffer, void, undefined> {
  const random = new Random(SEED);
  let text = '';
  for (let line = 1; line <= lines; line++) {
    for (let word = 0; word < LINE_WORDS; word++) text += `${word === 0 ? '' : ' '}${wordOf(random)}`;
    text += '\n';
    if (line % LINES_PER_CHUNK !== 0 && line !== lines) continue;
    yield Buffer.from(text);
    text = '';
  }
}

/** The smallest of three draws has many small numbers, as the common words of a language do; they are short, too. */
function wordOf(random: Random): string {
  const rank = Math.min(random.below(VOCABULARY), random.below(VOCABULARY), random.below(VOCABULARY));
  return `w${rank.toString(36)}`;
}

async function writeChunks(path: string, chunks: Iterable<Buffer>, change: (chunk: Buffer) => Buffer): Promise<void> {
  const file = createWriteStream(path);
  for (const chunk of chunks) if (!file.write(change(chunk))) await once(file, 'drain');
  file.end();
  await once(file, 'close');
}
