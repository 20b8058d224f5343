import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { ScatterBuffer } from '../../src/task/scatter-buffer.ts';
import { RecordedChannel } from './recorded-channels.ts';

function add(buffer: ScatterBuffer, tuple: string): void {
  // Lies between other tuples, as in a block.
  const source = Buffer.from(`zz${tuple}zz`);
  buffer.add(source, 2, 2 + tuple.length);
}

test('tuples come out as they went in, and frames that were sent do not change any more', () => {
  fc.assert(fc.property(fc.array(fc.tuple(fc.nat(3000), fc.boolean()), { maxLength: 60 }), (steps) => {
    const channel = new RecordedChannel('c');
    const buffer = new ScatterBuffer(channel.sender, 8000);
    let expected = '';
    for (const [index, [length, flush]] of steps.entries()) {
      const tuple = `${index}${'x'.repeat(length)}\n`;
      add(buffer, tuple);
      expected += tuple;
      if (flush) buffer.flush();
    }
    buffer.flush();
    expect(channel.bytes.toString()).toBe(expected);
    for (const { bytes } of channel.frames) expect(bytes.length).toBeLessThanOrEqual(8000);
  }));
});

test('a tuple longer than a frame is one by itself', () => {
  const channel = new RecordedChannel('c');
  const buffer = new ScatterBuffer(channel.sender, 10);
  for (const tuple of ['a\n', 'longer than ten bytes\n', 'b\n', 'c\n']) add(buffer, tuple);
  buffer.flush();
  buffer.flush();
  expect(channel.frames.map(({ bytes }) => bytes.toString())).toEqual(['a\n', 'longer than ten bytes\n', 'b\nc\n']);
});

test('what waits leaves when nothing is under way, and not before', () => {
  const channel = new RecordedChannel('c');
  const buffer = new ScatterBuffer(channel.sender, 100);
  add(buffer, 'a\n');
  buffer.flushIfIdle();
  add(buffer, 'b\n');
  buffer.flushIfIdle();
  expect(channel.bytes.toString()).toBe('a\n');
  channel.ack();
  buffer.flushIfIdle();
  expect(channel.bytes.toString()).toBe('a\nb\n');
});

test('a part makes the frames that its tuples make one by one', () => {
  fc.assert(fc.property(fc.array(fc.array(fc.nat(30), { maxLength: 20 }), { maxLength: 8 }), fc.integer({ min: 1, max: 100 }), (parts, frameBytes) => {
    const [inParts, byTuple] = [new RecordedChannel('parts'), new RecordedChannel('tuples')];
    const [ofParts, ofTuples] = [new ScatterBuffer(inParts.sender, frameBytes), new ScatterBuffer(byTuple.sender, frameBytes)];
    for (const lengths of parts) {
      const tuples = lengths.map((length, index) => `${index}${'x'.repeat(length)}\n`);
      for (const tuple of tuples) add(ofTuples, tuple);
      let end = 0;
      const ends = Uint32Array.from(tuples, (tuple) => (end += tuple.length));
      ofParts.addPart({ bytes: Buffer.from(`zz${tuples.join('')}`), start: 2, count: ends.length, ends });
    }
    for (const buffer of [ofParts, ofTuples]) buffer.flush();
    const frames = (channel: RecordedChannel) => channel.frames.map(({ bytes, count }) => [bytes.toString(), count]);
    expect(frames(inParts)).toEqual(frames(byTuple));
  }));
});
