import { describe, expect, test } from 'vitest';
import { formatMetrics } from '../../src/api/metric-text.ts';
import { parseMetrics } from './metric-parser.ts';

describe('the text that Prometheus reads', () => {
  test('has help, type and a line for each sample', () => {
    const text = formatMetrics([
      { name: 'a_bytes', type: 'gauge', help: 'How much.', samples: [[{ job: 'x', stage: 1 }, 1.5], [{ job: 'y', stage: 2 }, 0]] },
      { name: 'none_total', type: 'counter', help: 'Nothing.', samples: [] },
      { name: 'b_total', type: 'counter', help: 'How often.', samples: [[{}, 1e21]] },
    ]);
    expect(text).toBe('# HELP a_bytes How much.\n# TYPE a_bytes gauge\na_bytes{job="x",stage="1"} 1.5\na_bytes{job="y",stage="2"} 0\n# HELP b_total How often.\n# TYPE b_total counter\nb_total 1e+21\n');
    expect(parseMetrics(text).values.get('b_total')).toBe(1e21);
  });

  test('takes any label and any number', () => {
    const text = formatMetrics([{ name: 'a_ratio', type: 'gauge', help: 'A \\ and\na line.', samples: [[{ name: 'say "\\n"\n, {}' }, Infinity], [{ name: '' }, Number.NaN]] }]);
    expect(text).toBe('# HELP a_ratio A \\\\ and\\na line.\n# TYPE a_ratio gauge\na_ratio{name="say \\"\\\\n\\"\\n, {}"} +Inf\na_ratio{name=""} NaN\n');
    expect(parseMetrics(text).values.size).toBe(2);
  });
});

test.each([
  ['a name that comes twice', '# HELP a_bytes A.\n# TYPE a_bytes gauge\na_bytes 1\n# HELP a_bytes A.\n# TYPE a_bytes gauge\na_bytes 2\n'],
  ['a sample that comes twice', '# HELP a_bytes A.\n# TYPE a_bytes gauge\na_bytes{b="1"} 1\na_bytes{b="1"} 2\n'],
  ['a sample of another family', '# HELP a_bytes A.\n# TYPE a_bytes gauge\nb_bytes 1\n'],
  ['a family without help', '# TYPE a_bytes gauge\na_bytes 1\n'],
  ['a counter without _total', '# HELP a_bytes A.\n# TYPE a_bytes counter\na_bytes 1\n'],
  ['a gauge without a unit', '# HELP a A.\n# TYPE a gauge\na 1\n'],
  ['a bare quote', '# HELP a_bytes A.\n# TYPE a_bytes gauge\na_bytes{b="""} 1\n'],
  ['a last line without end', '# HELP a_bytes A.\n# TYPE a_bytes gauge\na_bytes 1'],
])('the parser of these tests takes no %s', (_, text) => {
  expect(() => parseMetrics(text)).toThrow();
});
