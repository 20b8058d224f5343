/** What the leader's log says of running jobs' speed: each stage's rates each second, and who holds a stage back when that changes. */
import type { EventLog } from '../base/event-log.ts';
import type { JobView } from '../control/views.ts';
import { stageNumbers } from '../job/topology.ts';
import type { JobRun } from './job-run.ts';
import { viewOfJob } from './job-view.ts';
import { describeStraggler, findStraggler } from './stragglers.ts';

export class RateLog {
  readonly #log: Pick<EventLog, 'text'>;
  /** Indices of the tasks that hold back a stage, by job and stage. */
  #stragglers = new Map<string, number>();

  constructor(log: Pick<EventLog, 'text'>) {
    this.#log = log;
  }

  /** To be called each second, with all jobs. */
  write(runs: readonly JobRun[]): void {
    const found = new Map<string, number>();
    for (const run of runs.filter(({ state }) => state === 'running')) {
      this.#log.text('RATE', `job=${run.job} ${viewOfJob(run).stages.map(describeRate).join(', ')}`);
      for (const stage of stageNumbers(run.topology)) this.#writeStraggler(run, stage, found);
    }
    this.#stragglers = found;
  }

  #writeStraggler(run: JobRun, stage: number, found: Map<string, number>): void {
    const straggler = findStraggler(run, stage);
    if (straggler === undefined) return;
    const place = `${run.job} ${stage}`;
    found.set(place, straggler.index);
    if (this.#stragglers.get(place) !== straggler.index) this.#log.text('STRAGGLER', `job=${run.job} ${describeStraggler(straggler)}`);
  }
}

/** Of a stage: what comes in and goes out each second, and what keeps its operators. */
function describeRate({ stage, inRate, outRate, busyShare, blockedShare, backlogBytes }: JobView['stages'][number]): string {
  const [busy, blocked] = [busyShare, blockedShare].map((share) => Math.round(share * 100));
  return `stage ${stage}: in=${Math.round(inRate)}/s out=${Math.round(outRate)}/s busy=${busy}% blocked=${blocked}% backlog=${Math.round(backlogBytes)}B`;
}
