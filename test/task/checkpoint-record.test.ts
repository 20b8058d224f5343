import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeCheckpoint, encodeCheckpoint, type Checkpoint } from '../../src/task/checkpoint-record.ts';

const CORRUPT = expect.objectContaining({ code: 'LOG_CORRUPT' }) as Error;

const number = fc.maxSafeNat();
const digest = fc.integer({ min: 0, max: 2 ** 32 - 1 });

const ENDS = [{ ended: false, superseded: false }, { ended: true, superseded: false }, { ended: true, superseded: true }];

const checkpoint: fc.Arbitrary<Checkpoint> = fc.record({
  after: number,
  inputBytes: number,
  skipped: fc.record({ tuples: number, bytes: number }),
  input: fc.uniqueArray(fc.tuple(fc.nat(2 ** 24), fc.record({ next: number, digest }), fc.constantFrom(...ENDS)), { maxLength: 5, selector: ([producer]) => producer })
    .map((channels) => new Map(channels.map(([producer, position, end]) => [producer, { ...position, ...end }]))),
  output: fc.record({
    tuples: number,
    offsetBytes: number,
    generation: fc.nat(2 ** 20),
    channels: fc.array(fc.record({ sequence: number, digest, stopped: fc.boolean() }), { maxLength: 5 }),
  }),
  held: fc.array(fc.uint8Array({ minLength: 1, maxLength: 50 }).map((bytes) => Buffer.from(bytes)), { maxLength: 3 }),
  state: fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
  complete: fc.boolean(),
});

test('a checkpoint is read back as it was written', () => {
  fc.assert(fc.property(checkpoint, (written) => {
    expect(decodeCheckpoint(Buffer.concat(encodeCheckpoint(written)))).toEqual({ ...written, held: written.held.length === 0 ? [] : [Buffer.concat(written.held)] });
  }));
});

test('what is cut short, or of another version, is refused', () => {
  fc.assert(fc.property(checkpoint, fc.nat(), (written, cut) => {
    const [head = Buffer.alloc(0)] = encodeCheckpoint(written);
    expect(() => decodeCheckpoint(head.subarray(0, cut % head.length))).toThrow(CORRUPT);
    head.writeUInt32LE(3, 0);
    expect(() => decodeCheckpoint(head)).toThrow(CORRUPT);
  }));
});
