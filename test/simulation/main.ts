/**
 * `npm run simulate [-- --seed N --count N --first]`: simulated jobs, without end unless told, from a random seed unless
 * told. A failing seed is printed, with `--first` it is the last; `--seed N --count 1` plays it again.
 */
import { parseArgs } from 'node:util';
import { simulate, type Report } from './simulate.ts';

const { values } = parseArgs({ options: { seed: { type: 'string' }, count: { type: 'string' }, first: { type: 'boolean', default: false } } });
const first = values.seed === undefined ? Math.floor(Math.random() * 1e9) : Number(values.seed);
const count = values.count === undefined ? Infinity : Number(values.count);
const totals: Partial<Record<keyof Report, number>> = {};
let failed = 0;

let playing = first;
// A broken invariant inside a promise ends up here.
process.on('uncaughtException', (error) => {
  console.error(`seed ${playing}: ${error.stack}`);
  process.exit(1);
});

for (let seed = first; seed < first + count; seed++) {
  playing = seed;
  try {
    const report = await simulate(seed);
    for (const key of Object.keys(report) as (keyof Report)[]) totals[key] = (totals[key] ?? 0) + report[key];
  } catch (error) {
    failed += 1;
    console.error((error as Error).message);
    if (values.first) break;
    if (count === 1) console.error((error as Error).cause);
  }
  if ((seed - first + 1) % 1000 === 0) console.log(`${seed - first + 1} seeds from ${first}, ${failed} failed: ${JSON.stringify(totals)}`);
}
console.log(`${count} seeds from ${first}, ${failed} failed: ${JSON.stringify(totals)}`);
process.exitCode = failed === 0 ? 0 : 1;
