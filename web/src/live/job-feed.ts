/**
 * Keeps a job's picture up to date: everything is asked for once, then the leader's events change it. What events do not
 * say (totals, who hosts what, what limits the job) is asked for again now and then, or when an event says that it has
 * changed.
 */
import { useEffect, useState } from 'preact/hooks';
import { Refusal, call } from '../api/call.ts';
import { followEvents, type ServerEvent } from '../api/event-stream.ts';
import { wait } from '../api/follow.ts';
import type { ExplainView, HistoryView, JobView, PlanView, TaskView } from '../api/types.ts';
import { EMPTY_PICTURE, afterEvents, hasUnknownTasks, isEnded, tasksAtEnd, type JobPicture } from './job-picture.ts';
import { linkIs, noteFailure } from './link.ts';

/** Totals and notes; a small answer. */
const VIEW_EACH_MS = 2_000;

const EXPLANATION_EACH_MS = 3_000;

/** Of a thousand tasks it is a large answer, and a job under faults changes all the time. */
const TASKS_EACH_MS = 2_000;

/** Then the leader is asked again. */
const RETRY_MS = 1_000;

/** After these, tasks are other ones or elsewhere. */
const MOVING_EVENTS: ReadonlySet<string> = new Set(['restart', 'scale', 'mark', 'state', 'job']);

export interface JobFeed extends JobPicture {
  /** There is no such job. */
  readonly missing?: Refusal;
}

export function useJob(job: string): JobFeed {
  const [feed, setFeed] = useState<JobFeed>(EMPTY_PICTURE);
  useEffect(() => {
    setFeed(EMPTY_PICTURE);
    linkIs.connecting();
    const follower = new JobFollower(job, setFeed);
    void follower.start();
    return () => follower.stop();
  }, [job]);
  return feed;
}

class JobFollower {
  readonly #path: string;
  readonly #show: (feed: JobFeed) => void;
  readonly #stopped = new AbortController();
  #picture: JobPicture = EMPTY_PICTURE;
  #unfollow: () => void = () => undefined;
  /** Whether the tasks, as they are known, may be other ones by now. */
  #hasMoved = false;
  #asked = { view: 0, explanation: 0, tasks: 0 };

  constructor(job: string, show: (feed: JobFeed) => void) {
    this.#path = `/v1/jobs/${encodeURIComponent(job)}`;
    this.#show = show;
  }

  /** Everything at first; events only while there will be any. */
  async start(): Promise<void> {
    while (!(await this.#try(() => this.#loadAll()))) {
      if (this.#stopped.signal.aborted) return;
      await wait(RETRY_MS, this.#stopped.signal);
    }
    const { view } = this.#picture;
    if (view === undefined || isEnded(view.state) || this.#stopped.signal.aborted) return;
    let isFirst = true;
    this.#unfollow = followEvents(`${this.#path}/events`, {
      batch: (events) => this.#take(events),
      opened: () => {
        linkIs.live();
        if (!isFirst) void this.#try(() => this.#loadAll());
        isFirst = false;
      },
      lost: linkIs.lost,
      expired: linkIs.expired,
      ended: () => void this.#try(() => this.#loadAll()),
    });
  }

  stop(): void {
    this.#stopped.abort();
    this.#unfollow();
  }

  #take(events: readonly ServerEvent[]): void {
    this.#hasMoved ||= events.some(({ event }) => MOVING_EVENTS.has(event)) || hasUnknownTasks(this.#picture, events);
    this.#become(afterEvents(this.#picture, events, Date.now()));
    if (events.some(({ event }) => event === 'state') && this.#picture.view !== undefined && isEnded(this.#picture.view.state)) return;
    void this.#try(() => this.#askAgain());
  }

  async #askAgain(): Promise<void> {
    const { view, explanation, tasks, plan } = {
      view: this.#isDue('view', VIEW_EACH_MS) ? this.#get<JobView>('') : undefined,
      explanation: this.#isDue('explanation', EXPLANATION_EACH_MS) ? this.#getIfTold<ExplainView>('/explain') : undefined,
      ...(this.#hasMoved && this.#isDue('tasks', TASKS_EACH_MS) ? this.#whoIsWhere() : { tasks: undefined, plan: undefined }),
    };
    const [newView, newExplanation, newTasks, newPlan] = await Promise.all([view, explanation, tasks, plan]);
    this.#become({
      ...this.#picture,
      ...(newView === undefined ? {} : { view: newView }),
      ...(newExplanation === undefined ? {} : { explanation: newExplanation }),
      ...(newTasks === undefined ? {} : { tasks: newTasks }),
      ...(newPlan === undefined ? {} : { plan: newPlan }),
    });
  }

  #whoIsWhere(): { tasks: Promise<TaskView[]>; plan: Promise<PlanView> } {
    this.#hasMoved = false;
    return { tasks: this.#get<TaskView[]>('/tasks'), plan: this.#get<PlanView>('/plan') };
  }

  async #loadAll(): Promise<void> {
    const [view, tasks, plan, history, explanation] = await Promise.all([
      this.#get<JobView>(''), this.#getIfTold<TaskView[]>('/tasks'), this.#getIfTold<PlanView>('/plan'),
      this.#getIfTold<HistoryView>('/history'), this.#getIfTold<ExplainView>('/explain'),
    ]);
    if (isEnded(view.state)) linkIs.still();
    this.#become({
      view, tasks: isEnded(view.state) ? tasksAtEnd(tasks ?? []) : (tasks ?? []), history: history ?? this.#picture.history, atMs: Date.now(),
      ...(plan === undefined ? {} : { plan }), ...(explanation === undefined ? {} : { explanation }),
    });
  }

  async #get<Reply>(rest: string): Promise<Reply> {
    return await call<Reply>(`${this.#path}${rest}`, { signal: this.#stopped.signal });
  }

  /** Of a job whose folder is old or not whole some of it cannot be told; the rest is worth showing. */
  async #getIfTold<Reply>(rest: string): Promise<Reply | undefined> {
    try {
      return await this.#get<Reply>(rest);
    } catch (error) {
      if (error instanceof Refusal) return undefined;
      throw error;
    }
  }

  /** Gives false when nobody answered. */
  async #try(ask: () => Promise<void>): Promise<boolean> {
    try {
      await ask();
      return true;
    } catch (error) {
      if (this.#stopped.signal.aborted) return true;
      if (error instanceof Refusal) {
        linkIs.still();
        this.#show({ ...this.#picture, missing: error });
        return true;
      }
      noteFailure(error);
      return false;
    }
  }

  #isDue(what: 'view' | 'explanation' | 'tasks', eachMs: number): boolean {
    const nowMs = performance.now();
    if (nowMs - this.#asked[what] < eachMs) return false;
    this.#asked = { ...this.#asked, [what]: nowMs };
    return true;
  }

  #become(picture: JobPicture): void {
    this.#picture = picture;
    if (!this.#stopped.signal.aborted) this.#show(picture);
  }
}
