/** The kit and its twin in Python take the same bytes for the same tuples, and put the same bytes out. */
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { javascript, python, run } from './programs.ts';

/** Two processes for each input. */
const PROPERTY_RUNS = 12;
const PROPERTY_LIMIT_MS = 60_000;

const input = fc
  .array(
    fc.constantFrom('a', 'ab', 'a,b', '"a\nb"', '"a""b",', '"x" y,', '5" z', '""', '"', ' ', '\n', '\n', '\n', '\r\n', ',', '\xff', '\xc3\xa9', '\xe2\x82', '\0', '\xf0\x9f\x98\x80', 'a long piece of text'),
    { minLength: 50, maxLength: 400 },
  )
  .map((parts) => Buffer.from(parts.join(''), 'latin1'));

const TWINS: readonly [string, string, string][] = [
  [
    'fields', 'operator({ fields(values, out) { out.fields([values.length, ...values]); } });',
    'rainstorm.operator(fields=lambda values, out, state: out.fields([len(values)] + values))',
  ],
  [
    'lines', 'operator({ line(text, out) { out.line([...text].length + text); } });',
    'rainstorm.operator(line=lambda text, out, state: out.line(str(len(text)) + text))',
  ],
  [
    'records as bytes', "operator({ format: 'csv', tuple(bytes, out) { out.bytes(bytes); out.line(' ' + bytes.length); } });",
    'def both(data, out, state):\n  out.bytes(data)\n  out.line(" %d" % len(data))\nrainstorm.operator(tuple=both, format="csv")',
  ],
  [
    'a state that is printed at the end',
    'operator({ line(text, out, state) { state.set(text, (state.get(text) ?? 0) + 1); }, *end(out, state) { for (const entry of state) { out.fields(entry); yield; } } });',
    'def count(text, out, state):\n  state[text] = state.get(text, 0) + 1\ndef end(out, state):\n  for entry in state.items():\n    out.fields(entry)\n    yield\nrainstorm.operator(line=count, end=end)',
  ],
];

test.each(TWINS)('%s', async (_, js, py) => {
  await fc.assert(
    fc.asyncProperty(input, async (bytes) => {
      const [one, other] = await Promise.all([run(javascript(js), bytes), run(python(py), bytes)]);
      expect(other.stdout.toString('latin1'), other.stderr).toBe(one.stdout.toString('latin1'));
      expect(other.status).toBe(one.status);
      expect(other.stderr.includes('never closed')).toBe(one.stderr.includes('never closed'));
    }),
    { numRuns: PROPERTY_RUNS, endOnFailure: true },
  );
}, PROPERTY_LIMIT_MS);
