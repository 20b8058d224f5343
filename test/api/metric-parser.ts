/** Reads Prometheus' text format, and takes nothing that does not follow its rules and customs to the letter. */
export interface Metrics {
  /** By name. */
  readonly types: ReadonlyMap<string, string>;
  /** By name and labels, as written. */
  readonly values: ReadonlyMap<string, number>;
}

const NAME = '[a-z_][a-z0-9_]*';
const LABEL = `${NAME}="(?:[^"\\\\\\n]|\\\\[\\\\"n])*"`;
const SAMPLE = new RegExp(`^(${NAME})(?:\\{(${LABEL}(?:,${LABEL})*)\\})? (-?\\d+(?:\\.\\d+)?(?:e[+-]?\\d+)?|NaN|[+-]Inf)$`);

/** Base units, as they may end a name that has one. */
const UNITS = /_(?:seconds|bytes|ratio|tuples|info|tasks|workers|cores|state|running|stalled)$/;

export function parseMetrics(text: string): Metrics {
  const types = new Map<string, string>();
  const values = new Map<string, number>();
  if (!text.endsWith('\n')) throw new Error('the last line has no end');
  const lines = text.slice(0, -1).split('\n');
  for (let at = 0; at < lines.length; ) at = parseFamily(lines, at, types, values);
  return { types, values };
}

function parseFamily(lines: readonly string[], start: number, types: Map<string, string>, values: Map<string, number>): number {
  const [, name = ''] = new RegExp(`^# HELP (${NAME}) (\\S.*\\.)$`).exec(lines[start] ?? '') ?? fail(lines[start]);
  const [, type = ''] = new RegExp(`^# TYPE ${name} (counter|gauge)$`).exec(lines[start + 1] ?? '') ?? fail(lines[start + 1]);
  if (types.has(name)) throw new Error(`${name} comes twice`);
  if ((type === 'counter') !== name.endsWith('_total')) throw new Error(`${name} is a ${type}`);
  if (type === 'gauge' && !UNITS.test(name)) throw new Error(`${name} ends in no unit`);
  types.set(name, type);
  let at = start + 2;
  for (; at < lines.length && !lines[at]?.startsWith('#'); at++) parseSample(lines[at] ?? '', name, type, values);
  if (at === start + 2) throw new Error(`${name} has no samples`);
  return at;
}

function parseSample(line: string, family: string, type: string, values: Map<string, number>): void {
  const [, name, labels = '', value = ''] = SAMPLE.exec(line) ?? fail(line);
  if (name !== family) throw new Error(`"${line}" stands under ${family}`);
  const names = [...labels.matchAll(new RegExp(`(${NAME})="`, 'g'))].map((match) => match[1]);
  if (new Set(names).size !== names.length) throw new Error(`"${line}" has a label twice`);
  const key = labels === '' ? family : `${family}{${labels}}`;
  if (values.has(key)) throw new Error(`${key} comes twice`);
  if (type === 'counter' && !(Number(value) >= 0)) throw new Error(`"${line}" is no count`);
  values.set(key, Number(value));
}

function fail(line: string | undefined): never {
  throw new Error(`"${line ?? 'the end'}" is no line that may come here`);
}
