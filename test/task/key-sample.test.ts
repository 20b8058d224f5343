import { describe, expect, test } from 'vitest';
import type { Block } from '../../src/job/block.ts';
import { KeySample } from '../../src/task/key-sample.ts';
import { blockOf } from '../job/kernel/own-kernel.ts';

function csv(rows: readonly string[]): Block {
  return blockOf('csv', Buffer.from(rows.map((row) => `${row}\n`).join(''))) as Block;
}

describe('the keys that a task puts out most', () => {
  test('are found in some tuples of each block', () => {
    const sample = new KeySample(2);
    // Every other row has the hot key, in runs, as in data that comes sorted by time.
    const rows = Array.from({ length: 1000 }, (_, row) => `${row},${Math.floor(row / 7) % 2 === 0 ? 'hot' : `cold ${row}`},x`);
    for (let block = 0; block < 200; block++) sample.add(csv(rows));
    const [first, ...others] = sample.top();
    expect(first?.key).toBe('hot');
    expect(first?.share).toBeGreaterThan(0.4);
    expect(first?.share).toBeLessThan(0.6);
    expect(others).toEqual([]);
  });

  test('are values: without the quotes that a row needs', () => {
    const sample = new KeySample(1);
    sample.add(csv(['"a, b",1', '"say ""hi""",2', '"a, b",3']));
    expect(sample.top().map(({ key }) => key)).toEqual(['a, b', 'say "hi"']);
  });

  test('are whole lines where those are the key', () => {
    const sample = new KeySample(0);
    sample.add(csv(['x,1', 'y,2', 'x,1', 'x,1']));
    expect(sample.top()).toEqual([{ key: 'x,1', share: 0.75 }, { key: 'y,2', share: 0.25 }]);
  });

  test('are cut where they are long, and empty where a row has no such column', () => {
    const sample = new KeySample(2);
    sample.add(csv([`1,${'k'.repeat(1000)}`, 'alone']));
    expect(sample.top().map(({ key }) => key).toSorted()).toEqual(['', 'k'.repeat(64)]);
  });
});
