// Counts the completed trips of each zone with nothing of RainStorm, and compares them with the rows of a result.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { parse } from 'csv-parse/sync';

const trips = parse(readFileSync('examples/trips.csv'), { columns: true, relax_quotes: true, raw: true });
const counts = new Map();
for (const { raw, record } of trips) {
  if (raw.includes('completed')) counts.set(record.zone, (counts.get(record.zone) ?? 0) + 1);
}
const [header, ...rows] = readFileSync(process.argv[2], 'utf8').trimEnd().split('\n');
assert.equal(header, 'zone,count');
assert.ok(rows.length > 1);
assert.deepEqual(rows.toSorted(), [...counts].map(([zone, count]) => `${zone},${count}`).toSorted());
console.log(`${rows.length} zones counted alike`);
