/** What the leader's log says of running jobs' speed: each stage's rates each second, and who holds a stage back when that changes. */
import type { EventLog } from '../base/event-log.ts';
import type { JobView } from '../control/views.ts';
import type { JobWatch } from './job-watch.ts';
import { describeStraggler, type Straggler } from './stragglers.ts';

export class RateLog {
  readonly #log: Pick<EventLog, 'text'>;
  /** Indices of the tasks that hold back a stage, by job and stage. */
  #stragglers = new Map<string, number>();

  constructor(log: Pick<EventLog, 'text'>) {
    this.#log = log;
  }

  /** To be called each second, with the jobs that run and were just looked at. */
  write(watches: readonly JobWatch[]): void {
    const found = new Map<string, number>();
    for (const { run, last } of watches) {
      if (last === undefined) continue;
      this.#log.text('RATE', `job=${run.job} ${last.stages.map(describeRate).join(', ')}`);
      for (const straggler of last.stragglers) this.#writeStraggler(run.job, straggler, found);
    }
    this.#stragglers = found;
  }

  #writeStraggler(job: string, straggler: Straggler, found: Map<string, number>): void {
    const place = `${job} ${straggler.stage}`;
    found.set(place, straggler.index);
    if (this.#stragglers.get(place) !== straggler.index) this.#log.text('STRAGGLER', `job=${job} ${describeStraggler(straggler)}`);
  }
}

/** Of a stage: what comes in and goes out each second, and what keeps its operators. */
function describeRate({ stage, inRate, outRate, busyShare, blockedShare, backlogBytes }: JobView['stages'][number]): string {
  const [busy, blocked] = [busyShare, blockedShare].map((share) => Math.round(share * 100));
  return `stage ${stage}: in=${Math.round(inRate)}/s out=${Math.round(outRate)}/s busy=${busy}% blocked=${blocked}% backlog=${Math.round(backlogBytes)}B`;
}
