/**
 * How long a tuple takes from the source's stdin to the sink's stdout.
 *
 *     npm run build && node bench/latency.ts [SECONDS]
 *
 * What `npm run bench -- --latency` adds to its report, alone, for SECONDS at each rate (10). Compare figures of one run only,
 * on a machine that is idle.
 */
import { latencyTable } from './suite/latency.ts';
import { LATENCY_SECONDS } from './suite/options.ts';
import { machine } from './suite/report.ts';
import { runLatency } from './suite/run-latency.ts';

const seconds = Number(process.argv[2] ?? LATENCY_SECONDS);
const latencies = await runLatency(seconds);
console.log([`${machine()}; ${seconds} s at each rate.`, '', ...latencyTable(latencies)].join('\n'));
