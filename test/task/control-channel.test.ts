import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ControlChannel, type StateAnswer } from '../../src/task/control-channel.ts';

const FAILED = expect.objectContaining({ code: 'OPERATOR_FAILED' }) as Error;

function open(): { channel: ControlChannel; said: () => string; heard: (StateAnswer | 'hello' | number)[] } {
  const written: Buffer[] = [];
  const heard: (StateAnswer | 'hello' | number)[] = [];
  const channel = new ControlChannel((bytes) => written.push(bytes), { hello: () => heard.push('hello'), state: (answer) => heard.push(answer), handled: (bytes) => heard.push(bytes) }, 'stage 1');
  return { channel, heard, said: () => Buffer.concat(written.splice(0)).toString('latin1') };
}

function greeted(): ReturnType<typeof open> {
  const opened = open();
  opened.channel.push(Buffer.from('rainstorm-operator 1\n'));
  return opened;
}

describe('the control protocol', () => {
  test('begins with what an earlier process handed out, byte for byte', () => {
    const fresh = open();
    fresh.channel.open(undefined);
    expect(fresh.said()).toBe('fresh\n');
    const restored = open();
    restored.channel.open(Buffer.from('a\nb\0', 'latin1'));
    expect(restored.said()).toBe('restore 4\na\nb\0');
  });

  test('P1, P2: asks one that speaks, one checkpoint at a time, with growing numbers', () => {
    const { channel, said, heard } = open();
    expect(channel.canAsk).toBe(false);
    expect(() => channel.ask(0)).toThrow('P1');
    channel.push(Buffer.from('rainstorm-operator 1\n'));
    expect(channel.canAsk).toBe(true);
    channel.ask(17);
    expect([said(), channel.canAsk]).toEqual(['checkpoint 1 17\n', false]);
    channel.push(Buffer.from('state 1 9 3\nxyz'));
    expect(heard).toEqual(['hello', { outputBytes: 9, state: Buffer.from('xyz') }]);
    expect(channel.canAsk).toBe(false);
    channel.goOn();
    channel.ask(18);
    expect(said()).toBe('continue 1\ncheckpoint 2 18\n');
  });

  test('states come whole, whatever bytes they hold and wherever they are cut', () => {
    fc.assert(fc.property(fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 5 }), fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1 }), (states, sizes) => {
      const { channel, heard } = greeted();
      for (const [index, state] of states.entries()) {
        channel.ask(index);
        const bytes = Buffer.concat([Buffer.from(`state ${index + 1} ${index} ${state.length}\n`), state]);
        for (let at = 0, turn = 0; at < bytes.length; turn++) {
          const size = sizes[turn % sizes.length] as number;
          channel.push(bytes.subarray(at, at + size));
          at += size;
        }
        channel.goOn();
      }
      expect(heard.slice(1)).toEqual(states.map((state, index) => ({ outputBytes: index, state: Buffer.from(state) })));
    }));
  });

  test.each([
    ['a greeting of another version', 'rainstorm-operator 2\n'], ['no greeting', 'state 1 0 0\n'], ['an endless line', 'r'.repeat(300)],
  ])('P3: %s makes no sense', (_, text) => {
    expect(() => open().channel.push(Buffer.from(text))).toThrow(FAILED);
  });

  test.each([
    ['an answer to what was not asked', 'state 2 0 0\n'], ['numbers that are none', 'state 1 -1 0\n'], ['numbers beyond all measure', 'state 1 0 9999999999999999\n'],
    ['another word', 'continue 1\n'], ['an empty line', '\n'], ['a second answer', 'state 1 0 0\nstate 1 0 0\n'], ['a state of more than 1 GiB', 'state 1 0 1073741825\n'],
  ])('P3: %s makes no sense to one that was asked', (_, text) => {
    const { channel } = greeted();
    channel.ask(0);
    expect(() => channel.push(Buffer.from(text))).toThrow(FAILED);
  });

  test('P3: whatever it says is understood or refused, and never held without limit', () => {
    fc.assert(fc.property(fc.array(fc.uint8Array({ maxLength: 400 }), { maxLength: 8 }), (chunks) => {
      const { channel } = greeted();
      channel.ask(0);
      try {
        for (const chunk of chunks) channel.push(Buffer.from(chunk));
        // Only part of a line may be left unsaid.
        expect(Buffer.concat(chunks).length).toBeLessThanOrEqual(256);
      } catch (error) {
        expect(error).toEqual(FAILED);
      }
    }));
  });
});

describe('input that stands in a file', () => {
  const piece = { file: 0, offsetBytes: 7, bytes: 3, newline: true, length: 4, from: { path: '/ä', bytes: 10, inode: 1, modifiedMs: 1 } };

  test('P4: only who has said that it reads files is told of it', () => {
    const { channel, said, heard } = open();
    expect(channel.tellRange(piece, 5)).toBe(false);
    channel.push(Buffer.from('rainstorm-operator 1 ranges\n'));
    expect(channel.tellRange(piece, 5)).toBe(true);
    expect(said()).toBe(Buffer.from('range 5 7 3 1 3\n/ä').toString('latin1'));
    channel.push(Buffer.from('read 9\n'));
    expect(heard).toEqual(['hello', 9]);
    const other = greeted();
    expect(other.channel.tellRange(piece, 5)).toBe(false);
    expect(() => other.channel.push(Buffer.from('read 9\n'))).toThrow(FAILED);
  });
});
