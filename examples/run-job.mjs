// Counts the completed trips of each zone from a program. Described in docs/library.md.
import { runJob } from 'rainstorm';

const { stages, elapsedMs } = await runJob({
  stages: ['filter=completed', { operator: 'aggregate', argument: 'zone', tasks: 3 }],
  src: 'examples/trips.csv',
  dest: 'zones.csv',
  overwrite: true,
  signal: AbortSignal.timeout(60_000),
  onEvent({ event, data }) {
    if (event === 'state') console.log(data.state);
  },
});
console.log(`${stages.at(0).outTuples} trips, ${stages.at(-1).inTuples} zones`);
console.error(`in ${Math.round(elapsedMs)} ms`);
