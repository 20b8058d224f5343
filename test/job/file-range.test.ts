import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeRange, encodeRange, rangeBytesOf, skipRange, type InputFile } from '../../src/job/file-range.ts';

const FILES: InputFile[] = Array.from({ length: 3 }, (_, index) => ({ path: `/${index}`, bytes: 7, inode: index, modifiedMs: 1 }));

test('what is encoded is decoded', () => {
  fc.assert(fc.property(fc.nat(2), fc.nat(2 ** 47), fc.integer({ min: 1, max: 2 ** 40 }), fc.boolean(), (file, offsetBytes, bytes, newline) => {
    const range = { file, offsetBytes, bytes, newline };
    expect(decodeRange(encodeRange(range), FILES)).toEqual({ ...range, from: FILES[file], length: bytes + (newline ? 1 : 0) });
  }));
});

test('FR1: a range is never cut', () => {
  const encoded = encodeRange({ file: 0, offsetBytes: 1, bytes: 2, newline: false });
  expect(() => decodeRange(encoded.subarray(1), FILES)).toThrow('FR1');
  expect(() => skipRange()).toThrow('FR1');
  expect(() => decodeRange(encodeRange({ file: 9, offsetBytes: 1, bytes: 2, newline: false }), FILES)).toThrow('FR2');
});

test('ranges of a large file are large, those of a small one are not', () => {
  expect([0, 1, 1e6, 100e6, 200e6, 800e6, 1e12].map((bytes) => rangeBytesOf(bytes) / 1024)).toEqual([64, 64, 64, 128, 256, 1024, 1024]);
});
