/** The programs (built ones) that have to keep the control protocol, and input that means something to each of them. */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { ROOT } from '../project/root.ts';

export interface Subject {
  readonly name: string;
  readonly argv: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

function ours(name: string, ...args: string[]): Subject {
  return { name: [name, ...args].join(' '), argv: [process.execPath, join(ROOT, `dist/operators/${name}.js`), ...args] };
}

/** The interpreter itself: what is called `python3` may be a script that looks for it, which takes longer than all the rest. */
export const PYTHON = execFileSync('python3', ['-c', 'import sys; print(sys.executable)'], { encoding: 'utf8' }).trim();

/** With other hashes in each process, as they are where nobody sets a seed. */
export const PYTHON_ENV = { PYTHONPATH: join(ROOT, 'operators/python'), PYTHONHASHSEED: 'random', PYTHONDONTWRITEBYTECODE: '1' };

export const EXAMPLES: readonly Subject[] = [
  { name: 'the example in JavaScript', argv: [process.execPath, join(ROOT, 'examples/running-count.mjs')] },
  {
    name: 'the example in Python',
    argv: [PYTHON, join(ROOT, 'examples/running_count.py')],
    env: PYTHON_ENV,
  },
];

/** Operators that remember something of every key. */
export const KEYED: readonly Subject[] = [
  ours('aggregate', '--format', 'csv', '5'),
  ours('running-aggregate', '--format', 'csv', '5'),
  ours('sum', '--format', 'csv', '5/2'),
  ...EXAMPLES,
];

export const SUBJECTS: readonly Subject[] = [
  ours('identity'),
  ours('filter', '--format', 'csv', 'b'),
  ours('transform', '--format', 'csv', '5,1'),
  ours('replace', '/a(.)/<&>/'),
  ours('flatmap', ','),
  ours('aggregate', '--format', 'csv', '--header', '5'),
  ...KEYED,
];

/** Records of five columns, a number in the second and a key in the last; some take several lines. */
export const tuples: fc.Arbitrary<Buffer[]> = fc.array(
  fc
    .tuple(
      fc.constantFrom('a', 'ab', '"x,y"', ''),
      fc.constantFrom('1', '2.50', '-0.1', '-0', '1e3', '-0e1', ' 7 ', '123456789012345678901234567890', '999999999999999'),
      fc.constantFrom('', 'b', '"p""q"'),
      fc.constantFrom('', 'été', '"two\nlines"'),
      fc.constantFrom('a', 'b', 'c', '__proto__', '7', '10', '2', '"k,1"', '"k\n2"', '\xff', 'a key that is longer than others', ''),
    )
    .map((fields) => Buffer.from(`${fields.join(',')}\n`, 'latin1')),
  { minLength: 1, maxLength: 40 },
);
