/**
 * What happens to a job, for all its clients: its rates each second, and everything else as it happens, until the job has ended.
 *
 * What is told is put into words once, whoever listens. What a client has not read yet is kept, up to a limit (event-queue.ts);
 * of rates only the newest.
 */
import type { JobEvent } from '../control/job-event.ts';
import type { JobState, JobView } from '../control/views.ts';
import type { TaskFailure } from '../job/task-status.ts';
import { isEndedState } from '../leader/job-record.ts';
import type { JobRun } from '../leader/job-run.ts';
import type { ScalingEvent } from '../leader/job-scaling.ts';
import { viewOfJob } from '../leader/job-view.ts';
import type { JobLook, JobWatch } from '../leader/job-watch.ts';
import { EventQueue } from './event-queue.ts';
import { serverSent } from './server-sent.ts';

const RATES = 'rates';

export class JobFeed {
  readonly #run: JobRun;
  readonly #watch: JobWatch;
  readonly #clients = new Set<EventQueue>();
  #listening: AbortController | undefined;
  /** What everybody is told of the last look. */
  #rates: { readonly look: JobLook; readonly text: string } | undefined;

  constructor(watch: JobWatch) {
    this.#run = watch.run;
    this.#watch = watch;
  }

  /** What one client is sent. Ends when the job has ended, or with the signal. */
  async *follow(gone: AbortSignal): AsyncGenerator<string> {
    const queue = new EventQueue((events) => words({ event: 'lost', data: { events } }));
    const leave = () => queue.end();
    gone.addEventListener('abort', leave);
    // Before it is told what the job is, so that nothing falls between.
    this.#join(queue);
    try {
      yield words({ event: 'job', data: viewOfJob(this.#run) });
      if (isEndedState(this.#run.state)) return yield words(stateOf(this.#run));
      const { last } = this.#watch;
      if (last !== undefined && this.#run.state === 'running') queue.replace(RATES, this.#inWords(last));
      // Who has left before it came here is told by no event any more.
      if (!gone.aborted) yield* queue.all();
    } finally {
      gone.removeEventListener('abort', leave);
      this.#leave(queue);
    }
  }

  #join(queue: EventQueue): void {
    this.#clients.add(queue);
    if (this.#listening !== undefined) return;
    this.#listening = new AbortController();
    this.#listen(this.#listening.signal);
  }

  #leave(queue: EventQueue): void {
    this.#clients.delete(queue);
    if (this.#clients.size > 0) return;
    this.#listening?.abort();
    this.#listening = undefined;
  }

  /** As long as there are clients. */
  #listen(ended: AbortSignal): void {
    const { scaling, marks } = this.#run;
    const offs = [
      scaling.listen((event) => this.#tell(toJobEvent(event))),
      marks.listen((mark, restart) => {
        if (restart !== undefined) this.#tell({ event: 'restart', data: restart });
        this.#tell({ event: 'mark', data: mark });
      }),
      this.#watch.listen((look) => {
        for (const client of this.#clients) client.replace(RATES, this.#inWords(look));
      }),
    ];
    ended.addEventListener('abort', () => {
      for (const off of offs) off();
    });
    void this.#watchState(this.#run.state, ended);
  }

  /** A state that is left again at once may go untold, the last one never. */
  async #watchState(first: JobState, ended: AbortSignal): Promise<void> {
    for (let told = first; !ended.aborted; await this.#run.change(ended)) {
      const { state } = this.#run;
      if (state === told && !isEndedState(state)) continue;
      this.#tell(stateOf(this.#run));
      told = state;
      if (!isEndedState(state)) continue;
      for (const client of this.#clients) client.end();
      return;
    }
  }

  #tell(event: JobEvent): void {
    const text = words(event);
    for (const client of this.#clients) client.push(text);
  }

  #inWords(look: JobLook): string {
    if (this.#rates?.look !== look) this.#rates = { look, text: words(ratesOf(look)) };
    return this.#rates.text;
  }
}

/** Those of a leader's jobs. */
export class JobFeeds {
  readonly #feeds = new WeakMap<JobRun, JobFeed>();

  of(watch: JobWatch): JobFeed {
    const known = this.#feeds.get(watch.run);
    if (known !== undefined) return known;
    const feed = new JobFeed(watch);
    this.#feeds.set(watch.run, feed);
    return feed;
  }
}

/** Of a job that is over, and whose leader has let it go. */
export async function* endedEvents(view: JobView): AsyncGenerator<string> {
  yield words({ event: 'job', data: view });
  yield words(stateOf(view));
}

function words(event: JobEvent): string {
  return serverSent(event);
}

function stateOf({ state, failure }: Pick<JobView, 'state'> & { readonly failure?: TaskFailure | undefined }): JobEvent {
  return { event: 'state', data: { state, ...(failure === undefined ? {} : { failure: { ...failure, stderr: [...failure.stderr] } }) } };
}

function ratesOf({ atMs, stages, tasks }: JobLook): JobEvent {
  return {
    event: 'rates',
    data: {
      atMs,
      stages: stages.map((stage) => ({ stage: stage.stage, tasks: stage.tasks, ...rates(stage) })),
      tasks: tasks.map((task) => ({ stage: task.stage, index: task.index, state: task.state, ...rates(task) })),
    },
  };
}

interface Rates {
  readonly inRate: number;
  readonly outRate: number;
  readonly busyShare: number;
  readonly blockedShare: number;
  readonly backlogBytes: number;
}

function rates({ inRate, outRate, busyShare, blockedShare, backlogBytes }: Rates): Rates {
  return { inRate, outRate, busyShare, blockedShare, backlogBytes };
}

function toJobEvent(event: ScalingEvent): JobEvent {
  return event.kind === 'scale' ? { event: 'scale', data: event.record } : { event: 'advice', data: { stage: event.stage, text: event.text } };
}
