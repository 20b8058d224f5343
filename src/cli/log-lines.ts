/**
 * Lines of a log on their way to the user. A line is held as latin1, one character for each byte, so that a tuple's bytes
 * come out as they went in, valid UTF-8 or not.
 */
import { pipeline } from 'node:stream';
import split from 'split2';
import { RainstormError, messageOf } from '../base/errors.ts';

/** As long as a whole log may become. */
const MAX_LINE_BYTES = 64 * 1024 * 1024;

const EVENT_LINE = /^(\d{4}-\d\d-\d\dT\S+) ([A-Z]+)(?: (.*))?$/s;

/** Without their newlines; a last line without one counts. Throws what reading the bytes throws. */
export function linesOf(bytes: AsyncIterable<Uint8Array>): AsyncIterable<string> {
  const lines = split('\n', { decodeStrings: false, maxLength: MAX_LINE_BYTES });
  // Who reads the lines hears of a failure from them.
  pipeline(asLatin1(bytes), lines, () => undefined);
  return lines;
}

/** Whether a line is wanted, which is matched as UTF-8. Throws USAGE for a bad regular expression. */
export function lineFilter(regex: string | undefined): (line: string) => boolean {
  if (regex === undefined) return () => true;
  const wanted = compile(regex);
  return (line) => wanted.test(asUtf8(line));
}

/** A line as it is printed: its bytes, behind `prefix`. */
export function plainLine(line: string, prefix: string): Buffer {
  return Buffer.from(`${prefix}${line}\n`, 'latin1');
}

/** `{task, time, event, text}`; time and event are null for a line that is no event. Invalid UTF-8 becomes U+FFFD. */
export function jsonLine(line: string, task: string): string {
  const whole = asUtf8(line);
  const [, time = null, event = null, text = ''] = EVENT_LINE.exec(whole) ?? [];
  return `${JSON.stringify({ task, time, event, text: event === null ? whole : text })}\n`;
}

async function* asLatin1(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  for await (const chunk of bytes) yield Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength).toString('latin1');
}

function asUtf8(line: string): string {
  return Buffer.from(line, 'latin1').toString();
}

function compile(regex: string): RegExp {
  try {
    return new RegExp(regex);
  } catch (cause) {
    const reason = messageOf(cause).replace(/^Invalid regular expression: \/.*\/[a-z]*: /s, '');
    throw new RainstormError('USAGE', `--grep ${regex} is no regular expression: ${reason}`, {
      hint: 'Regular expressions are JavaScript\'s. A special character that is meant literally is escaped, as in \\( or \\*.',
      cause,
    });
  }
}
