import * as fc from 'fast-check';
import { countAtEnd, countPart, countRunning } from '../../operators/lib/counts.ts';
import { cutAtPattern, cutAtText, cutIntoWords } from '../../operators/lib/cut.ts';
import { keepColumns } from '../../operators/lib/keep-columns.ts';
import { keepMatching, keepNotBlank, keepWithText } from '../../operators/lib/keep.ts';
import { compilePattern } from '../../operators/lib/pattern.ts';
import { replaceMatches } from '../../operators/lib/replace-matches.ts';
import type { BlockOperator } from '../../src/kit/block-operator.ts';

const pattern = (source: string, flags = '') => compilePattern({ source, flags: '' }, flags);

/** Every way in which an operator of ours works, but for sums, which want numbers. */
export const OPERATORS = new Map<string, () => BlockOperator>(Object.entries({
  'filter with a text': () => keepWithText(Buffer.from('ab')),
  'filter with a text that has a newline': () => keepWithText(Buffer.from('a\n')),
  'filter with a regex': () => keepMatching(pattern('^a|é$')),
  'filter': () => keepNotBlank(),
  'transform': () => keepColumns([3, 1, 1]),
  'replace': () => replaceMatches({ source: 'a(.?)', flags: '', replacement: '<$01é>' }),
  'flatmap': () => cutIntoWords(),
  'flatmap with a text': () => cutAtText(Buffer.from('a,')),
  'flatmap with a text that has a newline': () => cutAtText(Buffer.from('\na')),
  'flatmap with a regex': () => cutAtPattern(pattern('[, ]|(b)', 'g')),
  'aggregate': () => countAtEnd({ kind: 'column', column: 2 }),
  'aggregate by line': () => countAtEnd({ kind: 'line' }),
  'count-part': () => countPart({ kind: 'column', column: 2 }, 3),
  'running-aggregate': () => countRunning({ kind: 'column', column: 1 }),
}));

/** Lines and records with bytes of every kind, invalid UTF-8 among them. */
export const anyStream = fc
  .array(fc.constantFrom('a', 'ab', 'a,b', '"a\nb"', '"a""b",', ' ', '\n', '\n', '\r\n', ',', '\xff', '\xc3\xa9', '\0', '\t'), { maxLength: 30 })
  .map((parts) => Buffer.from(parts.join(''), 'latin1'));
