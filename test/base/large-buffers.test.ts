import { execa } from 'execa';
import { describe, expect, test } from 'vitest';

const LIMIT_MS = 60_000;

/** Passes on 2 GiB in buffers of 256 KiB, of which it keeps few, over a heap that takes a moment to mark. */
const PROGRAM = `
  const heap = Array.from({ length: 200_000 }, (_, index) => ({ index }));
  const held = [];
  for (let i = 0; i < 8192; i++) {
    held.push(Buffer.allocUnsafeSlow(256 * 1024));
    if (held.length > 32) held.shift();
    if (i % 64 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  if (heap.length === 0) throw new Error('collected');
`;

async function collections(first: string): Promise<number> {
  const { stdout } = await execa(process.execPath, ['--trace-gc', '--input-type=module', '--eval', first + PROGRAM], { cwd: import.meta.dirname, timeout: LIMIT_MS });
  return stdout.split('\n').filter((line) => line.includes('Mark-Compact')).length;
}

describe.skipIf(Number.parseInt(process.versions.v8, 10) < 13)('a process that expects large buffers', () => {
  test('marks its heap far less often for them', { timeout: 2 * LIMIT_MS }, async () => {
    const without = await collections('');
    const expecting = await collections("const { expectLargeBuffers } = await import('../../src/base/large-buffers.ts'); expectLargeBuffers();");
    expect(without).toBeGreaterThan(8);
    expect(expecting).toBeLessThan(without / 2);
  });
});
