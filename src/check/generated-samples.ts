/** Made-up samples of the shapes that programs read most: words, CSV rows, keys with numbers, numbers, JSON. */
import { Random } from '../base/random.ts';
import { generateRows } from '../job/generate-rows.ts';
import type { Format } from '../job/stage-spec.ts';
import { toSample, type Sample } from './sample.ts';

const SEED = 7;

/** Enough for every key to come again and again, and for programs that skip or keep the first few tuples. */
const ROWS = 240;
const LINES_OF_WORDS = 300;
const LINES_WITH_NUMBERS = 120;

const WORDS = ['alpha', 'Beta', 'gamma', 'delta', 'the', 'of', 'Error', 'ok', 'x1', 'warning', 'and', 'zeta', '42', '7', 'a-b', 'caf\u00e9'];
const KEYS = ['alpha', 'beta', 'gamma', 'delta', 'x1'];

/** How large the numbers are that a sample's keys come with. */
export type NumberSize = 'small' | 'large' | 'fractional';

/** Words of the command line itself are among the words: what it looks for is probably one of them. */
export function generatedSamples(commandLine: string, format: Format): Sample[] {
  return [wordLines(commandLine, format), rows(format), ...numberSamples('small', format)];
}

/** The first row of the generated CSV names its columns. */
export function generatedHeader(): Buffer {
  const [first = Buffer.alloc(0)] = toSample('header', 'csv', Buffer.concat([...generateRows(0, SEED)])).tuples;
  return first.subarray(0, -1);
}

/** The same keys and shapes for each size. */
export function numberSamples(size: NumberSize, format: Format): Sample[] {
  const random = new Random(SEED);
  const pairs = Array.from({ length: LINES_WITH_NUMBERS }, () => [KEYS[random.below(KEYS.length)] ?? '', drawNumber(size, random)] as const);
  const lines = (name: string, line: (key: string, number: string) => string) =>
    toSample(name, format, Buffer.from(pairs.map(([key, number]) => `${line(key, number)}\n`).join('')));
  return [
    lines('keys and numbers', (key, number) => `${key} ${number}`),
    lines('keys, numbers', (key, number) => `${key},${number}`),
    lines('numbers', (_, number) => number),
    // Quotes within a line are no CSV.
    ...(format === 'csv' ? [] : [lines('JSON lines', (key, number) => `{"key":"${key}","value":${number}}`)]),
  ];
}

/** `large`: half of them beyond 2^31, half beyond 2^53, where a number in floating point loses its last digits. */
function drawNumber(size: NumberSize, random: Random): string {
  switch (size) {
    case 'small': return String(random.below(1000));
    case 'large': return random.below(2) === 0 ? String(2 ** 31 + random.below(2 ** 32)) : String(2n ** 53n + 1n + BigInt(random.below(2 ** 32)));
    case 'fractional': return `${random.below(100_000)}.${String(random.below(1000)).padStart(3, '0')}`;
  }
}

function rows(format: Format): Sample {
  const [, ...tuples] = toSample('rows', format, Buffer.concat([...generateRows(ROWS, SEED)])).tuples;
  return { name: 'rows', tuples };
}

function wordLines(commandLine: string, format: Format): Sample {
  const random = new Random(SEED);
  const own = commandLine.match(/[\p{L}\p{N}_]{2,}/gu) ?? [];
  const words = [...WORDS, ...own, ...own];
  const lines: string[] = [];
  while (lines.length < LINES_OF_WORDS) {
    const line = Array.from({ length: 1 + random.below(6) }, () => words[random.below(words.length)]).join(' ');
    lines.push(line);
    // Neighbours that are equal, for programs that look at those.
    if (random.below(8) === 0) lines.push(line);
  }
  return toSample('words', format, Buffer.from(`${lines.join('\n')}\n`));
}
