import { expect, test } from 'vitest';
import { outputOf, startOperator } from './harness.ts';

test('gives the count so far after each tuple', async () => {
  expect(await outputOf('running-aggregate', ['2'], '1,a\n2,"a"\n3,"b,c"\n4,a\n')).toBe('a,1\na,2\n"b,c",1\na,3\n');
});

test('counts whole lines', async () => {
  expect(await outputOf('running-aggregate', ['line'], 'a\nb\na')).toBe('a,1\nb,1\na,2\n');
});

test('what came so far is answered while the input is still open', async () => {
  const child = startOperator('running-aggregate', 'line');
  const answers = child.stdout[Symbol.asyncIterator]();
  for (const count of [1, 2, 3]) {
    child.stdin.write('word\n');
    const answer: IteratorResult<Buffer> = await answers.next();
    expect(String(answer.value)).toBe(`word,${count}\n`);
  }
  child.stdin.end();
  expect((await answers.next()).done).toBe(true);
});
