/** Input that stands in a file, as a task hands it to an operator (docs/control-protocol.md, rules 10 and 11). */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { DrivenOperator } from './driven-operator.ts';
import { ROOT } from '../project/root.ts';
import { javascript } from './programs.ts';

const COUNTING = { argv: [process.execPath, join(ROOT, 'operators/running-aggregate.ts'), '--format', 'csv', '1'] };

async function file(text: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'rainstorm-ranges-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  await writeFile(join(folder, 'in put'), text);
  return join(folder, 'in put');
}

function range(at: number, offset: number, length: number, newline: 0 | 1, path: string): string {
  return `range ${at} ${offset} ${length} ${newline} ${Buffer.byteLength(path)}\n${path}`;
}

test('input comes from stdin, then from files, in this order; checkpoints between count both', async () => {
  const path = await file('head\nb\na\nb');
  const operator = await DrivenOperator.begin(COUNTING);
  await operator.say(range(2, 5, 4, 0, path) + range(6, 9, 1, 1, path) + 'checkpoint 1 8\n');
  await operator.feed(Buffer.from('a\n'));
  const { id, outputBytes, bytes } = await operator.state();
  expect([id, outputBytes]).toEqual([1, 16]);
  expect((await operator.printed(16)).toString()).toBe('a,1\nb,1\na,2\nb,2\n');
  await operator.say('continue 1\n');
  expect((await operator.finish()).toString()).toBe('a,1\nb,1\na,2\nb,2\n');

  const next = await DrivenOperator.begin(COUNTING, bytes);
  await next.say(range(0, 7, 2, 0, path));
  expect((await next.printed(4)).toString()).toBe('a,3\n');
  await next.finish();
});

test('a file that is not there, or is too short, is told by its name', async () => {
  for (const [path, length] of [['/nowhere', 1], [await file('a\n'), 3]] as const) {
    const operator = await DrivenOperator.begin(COUNTING);
    await operator.say(range(0, 0, length, 0, path));
    const { status, stderr } = await operator.exited;
    expect(status).toBe(1);
    expect(stderr).toContain(path);
  }
});

test('a range that comes while the operator looks for something else is not overlooked', { timeout: 60_000 }, async () => {
  const ranges = 20_000;
  const path = await file('a\n'.repeat(ranges));
  const operator = await DrivenOperator.begin({ argv: [process.execPath, join(ROOT, 'operators/aggregate.ts')] });
  // Each at another moment of the operator's turn behind the one before.
  for (let at = 0; at < 2 * ranges; at += 2) {
    await operator.say(range(at, at, 2, 0, path));
    expect(await operator.handled()).toBe(at + 2);
  }
  expect((await operator.finish()).toString()).toBe(`a,${ranges}\n`);
});

test('ST2: an operator that takes long over a range says how far it is', async () => {
  const path = await file(`${'x'.repeat(140 * 1024 - 1)}\n`.repeat(5));
  const operator = await DrivenOperator.begin(javascript("operator({ tuple() { for (const begun = performance.now(); performance.now() - begun < 600;); } });"));
  await operator.say(range(0, 0, 5 * 140 * 1024, 0, path));
  const said = [await operator.handled(), await operator.handled(), await operator.handled()];
  expect(said).toEqual([256 * 1024, 512 * 1024, 700 * 1024]);
  await operator.finish();
});
