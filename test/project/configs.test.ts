import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { execa } from 'execa';
import { expect, test } from 'vitest';
import { makeClone } from './clone.ts';
import { ROOT } from './root.ts';

/** Runs a file of `configs/` as a newcomer would, in the folder of a clone, and gives the lines of the result, sorted. */
async function run(config: string, more: readonly string[] = []): Promise<string[]> {
  const folder = await makeClone();
  const command = join(folder, '.bin', 'rainstorm');
  const { stdout } = await execa(process.execPath, [command, 'run', `configs/${config}`, '--quiet', ...more], { cwd: folder, env: { RAINSTORM_TOKEN: '' } });
  return stdout.split('\n').toSorted();
}

function wordsOf(text: string, separator: RegExp): Map<string, number> {
  const counts = new Map<string, number>();
  for (const word of text.split(separator)) if (word !== '') counts.set(word, (counts.get(word) ?? 0) + 1);
  return counts;
}

const licence = readFileSync(join(ROOT, 'LICENSE'), 'utf8');

test('every file of configs/ is tried here, but for the dashboard, which test/api/monitoring.test.ts tries', () => {
  expect(readdirSync(join(ROOT, 'configs')).toSorted()).toEqual(['demo-0.yaml', 'demo-1.yaml', 'demo-2.yaml', 'demo-3.yaml', 'grafana-dashboard.json', 'trips.yaml', 'word-count-commands.yaml', 'word-count.yaml']);
});

test('word-count.yaml counts words', async () => {
  const counts = [...wordsOf(licence, /\s+/)].map(([word, count]) => `${word},${count}`);
  const printed = await run('word-count.yaml', ['--src', 'LICENSE']);
  // A word with a comma or a quote in it is quoted, as a CSV field is.
  expect(parse(printed.join('\n')).map((fields) => fields.join(',')).toSorted()).toEqual(counts.toSorted());
});

test('word-count-commands.yaml counts words with standard programs', async () => {
  const counts = [...wordsOf(licence, /[^A-Za-z]+/)].map(([word, count]) => `${count} ${word}`);
  const printed = (await run('word-count-commands.yaml', ['--src', 'LICENSE'])).map((line) => line.trim());
  // Each tr begins with an empty word where its share of the text does not begin with a letter.
  expect(printed.filter((line) => /\s/.test(line)).toSorted()).toEqual(counts.toSorted());
});

test('trips.yaml sums the fares of each zone', async () => {
  const [, ...rows] = parse(readFileSync(join(ROOT, 'examples/trips.csv')), { relax_quotes: true });
  const cents = new Map<string, number[]>();
  for (const [, , , zone = '', , , , fare = '', status] of rows) if (status === 'completed') cents.set(zone, [...(cents.get(zone) ?? []), Math.round(Number(fare) * 100)]);
  const expected = [...cents].map(([zone, all]) => [zone, all.length, all.reduce((sum, one) => sum + one, 0), Math.min(...all), Math.max(...all)].join());
  const [header, printed] = partition(await run('trips.yaml'), (line) => line === 'zone,count,sum,min,max,mean');
  expect(header).toHaveLength(1);
  const inCents = parse(printed.join('\n')).map(([zone, count, ...amounts]) => [zone, count, ...amounts.slice(0, 3).map((one) => Math.round(Number(one) * 100))].join());
  expect(inCents.toSorted()).toEqual(expected.toSorted());
});

const TRIPS = readFileSync(join(ROOT, 'examples/trips.csv'), 'utf8').trimEnd().split('\n');

test('demo-0.yaml copies the trips', async () => {
  expect(await run('demo-0.yaml')).toEqual(TRIPS.toSorted());
});

// Only without the kills that the one comes with are they the same.
test.each(['demo-1.yaml', 'demo-2.yaml'])('%s counts the completed trips of each zone', async (config) => {
  const counts = new Map<string, number>();
  for (const { zone } of completed()) counts.set(zone, (counts.get(zone) ?? 0) + 1);
  expect(await run(config)).toEqual(['zone,count', ...[...counts].map(([zone, count]) => `${zone},${count}`)].toSorted());
});

test('demo-3.yaml gives zones and fares of completed trips', async () => {
  const rows = completed().map(({ zone, fare }) => `${zone},${fare}`);
  expect(await run('demo-3.yaml', ['--rate', '100000', '--autoscale', 'off'])).toEqual(['zone,fare', ...rows].toSorted());
});

function completed(): { readonly zone: string; readonly fare: string }[] {
  const rows: string[][] = parse(TRIPS.slice(1).join('\n'), { relax_quotes: true });
  return rows.flatMap(([, , , zone = '', , , , fare = '', status]) => (status === 'completed' ? [{ zone, fare }] : []));
}

function partition<Item>(items: readonly Item[], test: (item: Item) => boolean): [Item[], Item[]] {
  return [items.filter((item) => test(item)), items.filter((item) => !test(item))];
}
