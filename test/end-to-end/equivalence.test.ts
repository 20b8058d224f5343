/** The result is what a plain program computes from the same files, for any number of workers and tasks. */
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { stringify } from 'csv-stringify/sync';
import { beforeAll, describe, expect, test } from 'vitest';
import { output, runCli, scratch, shell, sortedLines } from './cli.ts';
import { realData, rows } from './data.ts';

interface RawRecord {
  /** As it stands in the file, with its newline. */
  readonly raw: string;
  readonly record: readonly string[];
}

const SIZES = [1, 2, 3].flatMap((workers) => [1, 2, 5].map((tasks) => ({ workers, tasks })));

const signs = realData('traffic-signs');
const books = realData('gutenberg');

describe.skipIf(signs === undefined)('traffic signs', () => {
  const folder = signs ?? '';
  const glob = join(folder, '*.csv');
  let records: RawRecord[] = [];

  beforeAll(async () => {
    const names = (await readdir(folder)).filter((name) => name.endsWith('.csv'));
    const files = await Promise.all(names.map((name) => readFile(join(folder, name))));
    records = files.flatMap((file) => readRecords(file));
  });

  test.each(SIZES)('counts by a named column, $workers workers, $tasks tasks', async ({ workers, tasks }) => {
    const printed = await output(['--stages', `filter=Sign:${tasks},aggregate="Asset Category":${tasks}`, '--src', glob, '--workers', String(workers)], { cwd: await scratch() });
    const [header, ...counts] = printed.toString().trimEnd().split('\n');
    expect(header).toBe('Asset Category,count');
    // Both files begin with a header row, which is no tuple once a column is named.
    const tuples = records.filter(({ record }) => record[0] !== 'Sign Asset ID');
    expect(counts.toSorted()).toEqual(counted(tuples, 'Sign', 6));
  });

  test.each(SIZES)('keeps columns, $workers workers, $tasks tasks', async ({ workers, tasks }) => {
    const printed = await output(['--stages', `filter=Sign:${tasks},transform=1-3:${tasks}`, '--src', glob, '--workers', String(workers)], { cwd: await scratch() });
    const kept = records.filter(({ raw }) => raw.includes('Sign')).map(({ record }) => record.slice(0, 3));
    expect(sortedLines(printed)).toEqual(sortedLines(Buffer.from(stringify(kept))));
  });

  test.each(SIZES)('gives the input back, $workers workers, $tasks tasks', async ({ workers, tasks }) => {
    const printed = await output(['--stages', `identity:${tasks}`, '--src', glob, '--workers', String(workers)], { cwd: await scratch() });
    expect(sortedLines(printed)).toEqual(sortedLines(Buffer.from(records.map(({ raw }) => raw).join(''), 'utf8')));
  });

  test('commands give what the same shell pipe gives', async () => {
    const cwd = await scratch();
    const file = join(folder, 'signs-large.csv');
    expect(await output(['-s', 'grep -F Sign', '-s', 'cut -d, -f3', '--src', file], { cwd }))
      .toEqual(await shell(`grep -F Sign '${file}' | cut -d, -f3`, cwd));
    expect(await output(['-s', 'tr A-Z a-z | grep street', '--src', file], { cwd }))
      .toEqual(await shell(`tr A-Z a-z < '${file}' | grep street`, cwd));
  });
});

describe.skipIf(books === undefined)('word count of books', () => {
  const glob = join(books ?? '', '*.txt');

  const WORDS_FILE = `
stages:
  - operator: flatmap
    tasks: 2
  - operator: aggregate
    argument: line
    tasks: 3
`;
  const COMMANDS_FILE = `
stages:
  - command: [tr, -cs, A-Za-z, '\\n']
    tasks: 2
  - command: sort | uniq -c
    key: line
    tasks: 3
`;

  test.each([
    ['from flags', ['--stages', 'flatmap:2,aggregate=line:3']],
    ['from a file', ['words.yaml']],
  ])('by our operators, %s', async (_, args) => {
    const cwd = await scratch({ 'words.yaml': WORDS_FILE });
    const printed = await output([...args, '--src', glob, '--format', 'lines'], { cwd });
    // key,count as CSV: a word with a quote or a comma in it is quoted.
    const counts = parse(printed).map(([word, count]) => `${count} ${word}`);
    const wanted = await shell(`cat ${glob} | tr -s '[:space:]' '\\n' | grep -v '^$' | sort | uniq -c | sed 's/^ *//'`, cwd);
    expect(counts.toSorted()).toEqual(wanted.toString().trimEnd().split('\n').toSorted());
  });

  test.each([
    ['from flags', ['-s', "tr -cs A-Za-z '\\n' :2", '-s', 'sort | uniq -c @line:3']],
    ['from a file', ['commands.yaml']],
  ])('by commands, %s', async (_, args) => {
    const cwd = await scratch({ 'commands.yaml': COMMANDS_FILE });
    const printed = await output([...args, '--src', glob], { cwd });
    const wanted = await shell(`cat ${glob} | tr -cs A-Za-z '\\n' | sort | uniq -c`, cwd);
    // Each of the two copies of `tr -s` squeezes the newlines of its own share, so where shares meet one more blank line can
    // come, or one less; words are whole in one share each and must agree exactly.
    expect(sortedLines(printed).filter(isWord)).toEqual(sortedLines(wanted).filter(isWord));
  });
});

describe('generated rows', () => {
  test('CSV with quotes, commas and non-ASCII names is counted as csv-parse counts it', async () => {
    const file = rows(20_000);
    const cwd = await scratch({ 'in.csv': file });
    const printed = await output(['--stages', 'aggregate=station:3', '--src', 'in.csv', '--workers', '2', '--no-output-header'], { cwd });
    const [, ...tuples] = readRecords(file);
    expect(printed.toString().trimEnd().split('\n').toSorted()).toEqual(counted(tuples, '', 2));
  });

  test('records with newlines in quotes stay whole', async () => {
    const record = (index: number) => `${index},"first, of ${index}\nsecond ""line""",${index % 7}\n`;
    const file = Array.from({ length: 5_000 }, (_, index) => record(index)).join('');
    const cwd = await scratch({ 'in.csv': file });
    const counts = await output(['--stages', 'identity:3,aggregate=3:2', '--src', 'in.csv', '--workers', '2'], { cwd });
    expect(counts.toString().trimEnd().split('\n').toSorted()).toEqual(counted(readRecords(Buffer.from(file)), '', 2));
    expect((await output(['--stages', 'identity,filter=second', '--src', 'in.csv'], { cwd })).toString()).toBe(file);
  });

  test('sums are exact and the same for any number of tasks', async () => {
    const cwd = await scratch({ 'in.csv': rows(10_000) });
    const sums = await Promise.all([1, 4].map(async (tasks) => {
      const printed = await output(['--stages', `identity:${tasks},sum=zone/fare:${tasks}`, '--src', 'in.csv'], { cwd });
      return sortedLines(printed);
    }));
    expect(sums[1]).toEqual(sums[0]);
    const [, ...tuples] = readRecords(rows(10_000));
    const cents = Map.groupBy(tuples, ({ record }) => record[3] ?? '');
    for (const [zone, group] of cents) {
      const total = group.reduce((sum, { record }) => sum + BigInt((record[7] ?? '').replace('.', '')), 0n);
      const line = sums[0]?.find((row) => row.startsWith(`${zone},`));
      const [, count = '', sum = ''] = line?.split(',') ?? [];
      expect([Number(count), BigInt(Math.round(Number(sum) * 100))]).toEqual([group.length, total]);
    }
  });

  test('flags override the file', async () => {
    const cwd = await scratch({
      'in.csv': 'a,1\nb,2\n',
      'job.yaml': 'stages: filter=a\nsrc: in.csv\ndest: from-file\nworkers: 1\n',
    });
    expect((await runCli(['run', 'job.yaml', '--quiet'], { cwd })).status).toBe(0);
    expect(await readFile(join(cwd, 'from-file'), 'utf8')).toBe('a,1\n');
    expect((await output(['job.yaml', '--stages', 'filter=b', '--dest', '-'], { cwd })).toString()).toBe('b,2\n');
  });
});

function readRecords(file: Uint8Array): RawRecord[] {
  const parsed = parse(Buffer.from(file), { raw: true, relax_quotes: true, relax_column_count: true }) as unknown as RawRecord[];
  return parsed.map(({ raw, record }) => ({ raw: raw.endsWith('\n') ? raw : `${raw}\n`, record }));
}

/** `key,count` for the records that contain `text`, sorted. */
function counted(records: readonly RawRecord[], text: string, column: number): string[] {
  const groups = Map.groupBy(records.filter(({ raw }) => raw.includes(text)), ({ record }) => record[column] ?? '');
  return [...groups].map(([key, group]) => stringify([[key, group.length]]).trimEnd()).toSorted();
}

function isWord(line: string): boolean {
  return /[A-Za-z]$/.test(line);
}
