/** The state of a simulated program as the system can divide it: what is a list of pairs, key by key. */
import { ByteReader } from '../../src/kit/byte-reader.ts';
import { ByteWriter } from '../../src/kit/byte-writer.ts';

const MAGIC = 'RSKEYED1';

/** Of the line number and the tuple that is not complete, which there are none of. */
const NO_LINE = Buffer.alloc(12);

export function encodeState(text: string): Buffer {
  const isKeyed = text.startsWith('[');
  const writer = new ByteWriter();
  writer.raw(Buffer.from(MAGIC));
  writer.bytes(Buffer.concat([NO_LINE, Buffer.from(isKeyed ? '' : text, 'latin1')]));
  for (const [key, value] of isKeyed ? (JSON.parse(text) as [string, unknown][]) : []) {
    writer.latin1(key);
    writer.bytes(Buffer.from(JSON.stringify(value), 'latin1'));
  }
  return writer.finish();
}

export function decodeState(state: Buffer): string {
  const reader = new ByteReader(state);
  if (reader.raw(MAGIC.length).toString() !== MAGIC) throw new Error('a program is given a state that is none');
  const shared = reader.bytes().subarray(NO_LINE.length).toString('latin1');
  const entries: [string, unknown][] = [];
  while (!reader.atEnd) entries.push([reader.latin1(), JSON.parse(reader.latin1())]);
  return entries.length > 0 ? JSON.stringify(entries) : shared;
}
