/**
 * `node test/autoscale/main.ts [--seed N --count N --unknown]`: synthetic loads on synthetic pipelines, from seed 1 and 1000 of
 * them unless told, under both policies and the plain rule. `--unknown`: the source does not know what comes from outside.
 */
import { parseArgs } from 'node:util';
import { formatTable, type Cell } from '../../src/cli/table.ts';
import { LOAD_KINDS } from './loads.ts';
import { measure, quantile, sum, type Measures } from './measures.ts';
import { play } from './play.ts';
import { SCALER_NAMES, type ScalerName } from './scalers.ts';
import { makeScenario } from './scenario.ts';

const { values } = parseArgs({ options: { seed: { type: 'string', default: '1' }, count: { type: 'string', default: '1000' }, unknown: { type: 'boolean', default: false } } });
const [first, count] = [Number(values.seed), Number(values.count)];

const found = new Map<string, Measures[]>();
for (let seed = first; seed < first + count; seed++) {
  const scenario = makeScenario(seed, !values.unknown);
  for (const name of SCALER_NAMES) {
    const key = `${scenario.kind} ${name}`;
    found.set(key, [...(found.get(key) ?? []), measure(scenario, play(scenario, name))]);
  }
}

const HEADERS = ['load', 'scaler', 'pipelines', 'settled s p50', 'p95', '<= 3 actions', 'overshoot p50', 'p95', 'actions p50', 'p95', 'growing', 'saturated', 'task-seconds', 'of ideal'];

function row(kind: string, name: ScalerName): readonly Cell[] {
  const all = found.get(`${kind} ${name}`) ?? [];
  const [settling, overshoot, actions] = [all.flatMap((one) => one.settlingSeconds), all.flatMap((one) => one.overshoot), all.map((one) => one.actions)];
  const perStep = all.flatMap((one) => one.actionsPerStep);
  const mean = (of: (one: Measures) => number) => sum(all.map(of)) / all.length;
  return [
    kind, name, all.length, quantile(settling, 0.5), quantile(settling, 0.95),
    perStep.length === 0 ? undefined : percent(perStep.filter((actions) => actions <= 3).length / perStep.length),
    percent(quantile(overshoot, 0.5)), percent(quantile(overshoot, 0.95)), quantile(actions, 0.5), quantile(actions, 0.95),
    percent(mean((one) => one.grewShare)), percent(mean((one) => one.saturatedShare)), Math.round(mean((one) => one.taskSeconds)),
    percent(mean((one) => one.taskSeconds) / mean((one) => one.idealTaskSeconds)),
  ];
}

function percent(share: number | undefined): Cell {
  return share === undefined ? undefined : `${(share * 100).toFixed(1)} %`;
}

console.log(`seeds ${first} to ${first + count - 1}\n`);
console.log(formatTable(HEADERS, LOAD_KINDS.flatMap((kind) => SCALER_NAMES.map((name) => row(kind, name)))));
