import { parseCommandLine } from '../job/command-line.ts';
import type { JobSpec, ProgramSpec } from '../job/stage-spec.ts';

/** One for each core, but no more than there will be tasks for: each takes time and memory to start. Who adds tasks wants room for them. */
export function defaultWorkers(spec: Pick<JobSpec, 'stages' | 'fuse' | 'logTuples' | 'autoscale'>, cores: number): number {
  if (spec.autoscale?.dryRun === false) return cores;
  const tasks = becomesOne(spec) ? 1 : spec.stages.reduce((sum, stage) => sum + stage.tasks, 0);
  return Math.max(1, Math.min(cores, tasks));
}

/** As far as can be told before there is a plan: where it turns out otherwise, a worker more would have been of use, and that is all. */
function becomesOne({ stages, fuse, logTuples }: Pick<JobSpec, 'stages' | 'fuse' | 'logTuples'>): boolean {
  const kinds = new Set(stages.map(({ program }) => kindOf(program)));
  return fuse && logTuples !== 'all' && kinds.size === 1 && !kinds.has('shell') && stages.every(({ tasks }) => tasks === 1);
}

function kindOf(program: ProgramSpec): 'operator' | 'chain' | 'shell' {
  if (program.kind === 'operator') return 'operator';
  return program.kind === 'argv' || parseCommandLine(program.commandLine).kind === 'chain' ? 'chain' : 'shell';
}
