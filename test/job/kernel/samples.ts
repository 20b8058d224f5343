/** Streams that the kernel and its twin must read alike, longer than the 64 bytes that it takes at a time. */
import * as fc from 'fast-check';

const piece = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom('a', ',', ',', '"', '""', '\n', '\r', '\r\n', '"\n', ',"', '",') },
  { weight: 2, arbitrary: fc.constantFrom('"a,b"', '"x""y"', '5" pipe', '"q"z', '"a\nb",', 'k1,', 'k2,', '\xff', '\0') },
  { weight: 1, arbitrary: fc.nat(90).map((length) => 'long'.repeat(length).slice(0, length)) },
);

/** Well-formed or not, a quote may stay open to the end. */
export const anyBytes = fc.array(piece, { maxLength: 150 }).map((pieces) => Buffer.from(pieces.join(''), 'latin1'));

const field = fc.oneof(
  fc.constantFrom('', 'a', 'key', '"key"', '"k""ey"', '"a,b"', '"a\nb"', '5" pipe', '"a"b', '""', ' ', 'c\rr', '"c\rr"', '"a\r', '""""'),
  fc.nat(70).map((length) => 'x'.repeat(length)),
  fc.nat(70).map((length) => `"${'y,'.repeat(length)}"`),
);

/** One of many records: with few fields or many, and either end. */
const record = fc.tuple(fc.array(field, { minLength: 1, maxLength: 7 }), fc.constantFrom('\n', '\n', '\r\n')).map(([fields, end]) => fields.join(',') + end);

export const anyRecords = fc.array(record, { maxLength: 60 }).map((records) => Buffer.from(records.join('')));

/** Lengths of chunks, used in turn. */
export const anyCuts = fc.array(fc.oneof(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 55, max: 200 })), { minLength: 1, maxLength: 6 });
