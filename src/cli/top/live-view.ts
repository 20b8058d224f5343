/** Keys and news go in, frames and deeds come out: the shell around `step` and `frame`. */
import { constants } from 'node:os';
import { Writable } from 'node:stream';
import { styleText } from 'node:util';
import { systemClock } from '../../base/clock.ts';
import { RainstormError } from '../../base/errors.ts';
import { leaderRoutes } from '../../control/routes.ts';
import { onEndingSignals } from '../signals.ts';
import { Terminal } from '../terminal.ts';
import { Feed } from './feed.ts';
import { frame } from './frame.ts';
import { followLog } from './log-follower.ts';
import type { Effect, News } from './news.ts';
import { Screen } from './screen.ts';
import { startState, type JobRow, type State } from './state.ts';
import { step } from './step.ts';
import type { Style } from './table.ts';

const LOOK_EVERY_MS = 1_000;

/** Then the keys are shown again. */
const MESSAGE_MS = 6_000;

/** As `rainstorm scale` waits: what the stage was fed may have to be fed again. */
const SCALE_TIMEOUT_MS = 10 * 60_000;

const SIGNAL_STATUS = 128;

export interface LiveOptions {
  readonly dataDir: string;
  /** Undefined: to be chosen from `jobs`. */
  readonly job: string | undefined;
  readonly jobs: readonly JobRow[] | undefined;
}

export class LiveView {
  readonly #options: LiveOptions;
  readonly #feed: Feed;
  readonly #screen: Screen;
  readonly #style: Style;
  readonly #ended = Promise.withResolvers<number>();
  #state: State;
  #job: string | undefined;
  #isDrawing = false;
  #quieting: NodeJS.Timeout | undefined;
  #wake = new AbortController();
  #log: AbortController | undefined;
  #over = false;

  constructor(options: LiveOptions) {
    this.#options = options;
    this.#feed = new Feed(options.dataDir);
    this.#job = options.job;
    this.#style = isColored() ? paint : paintWithoutColor;
    this.#screen = new Screen(process.stdin, process.stdout, {
      key: (key) => this.#take({ kind: 'key', key }),
      size: (rows, columns) => this.#take({ kind: 'size', rows, columns }),
      gone: () => this.#ended.resolve(SIGNAL_STATUS + constants.signals.SIGHUP),
    });
    this.#state = startState({ rows: this.#screen.rows, columns: this.#screen.columns, jobs: options.jobs });
  }

  /** Resolves with the exit status when the user has had enough. Throws bugs, with the terminal as it was. */
  async run(): Promise<number> {
    const forget = onEndingSignals((signal) => this.#ended.resolve(SIGNAL_STATUS + constants.signals[signal]), () => undefined);
    this.#screen.open();
    this.#draw();
    this.#attempt(() => this.#look());
    try {
      return await this.#ended.promise;
    } finally {
      this.#over = true;
      this.#wake.abort();
      this.#log?.abort();
      clearTimeout(this.#quieting);
      this.#screen.close();
      forget();
    }
  }

  #take(news: News): void {
    if (this.#over) return;
    const { state, effects } = step(this.#state, news);
    this.#state = state;
    for (const effect of effects) this.#do(effect);
    // Several news of one turn make one frame.
    if (this.#isDrawing) return;
    this.#isDrawing = true;
    setImmediate(() => this.#draw());
  }

  #draw(): void {
    this.#isDrawing = false;
    this.#screen.draw(frame(this.#state, Date.now(), this.#style));
  }

  #do(effect: Effect): void {
    switch (effect.kind) {
      case 'quit':
        return this.#ended.resolve(0);
      case 'suspend':
        return this.#suspend();
      case 'choose':
        this.#job = effect.job;
        return this.#wake.abort();
      case 'look-at-workers':
        return this.#wake.abort();
      case 'kill':
        return this.#attempt(() => this.#kill(effect.task));
      case 'scale':
        return this.#attempt(() => this.#scale(effect.stage, effect.tasks));
      case 'open-log':
        return this.#attempt(() => this.#follow(effect.task));
      case 'close-log':
        return this.#log?.abort();
    }
  }

  /** What is expected to go wrong is told at the foot; a bug ends the command. */
  #attempt(deed: () => Promise<void>): void {
    deed().catch((error: unknown) => {
      if (error instanceof RainstormError) this.#say('failed', [error.message, ...(error.hint === undefined ? [] : [error.hint])].join('. '));
      else this.#ended.reject(error);
    });
  }

  #say(kind: 'said' | 'failed', text: string): void {
    this.#take({ kind: 'message', message: { kind, text } });
    clearTimeout(this.#quieting);
    this.#quieting = setTimeout(() => this.#take({ kind: 'message', message: undefined }), MESSAGE_MS);
  }

  async #look(): Promise<void> {
    while (!this.#over) {
      this.#wake = new AbortController();
      const { signal } = this.#wake;
      const job = this.#job;
      if (job === undefined) this.#take({ kind: 'jobs', jobs: await this.#feed.jobs() });
      else {
        const isAsked = this.#state.screen === 'workers';
        const [news, workers] = await Promise.all([this.#feed.job(job, Date.now()), isAsked ? this.#feed.workers(job) : undefined]);
        // Meanwhile another one may have been chosen.
        if (job === this.#job) for (const one of [news, workers]) if (one !== undefined) this.#take(one);
      }
      await systemClock.wait(LOOK_EVERY_MS, signal);
    }
  }

  async #kill(task: string): Promise<void> {
    const job = this.#job ?? '';
    const killed = await (await this.#feed.clientOf(job)).call(leaderRoutes.killTask, undefined, { params: { job, task } });
    this.#say('said', `killed task ${killed.task}, pid ${killed.pid}`);
    this.#wake.abort();
  }

  async #scale(stage: number, tasks: number): Promise<void> {
    const job = this.#job ?? '';
    this.#say('said', `stage ${stage} is given ${tasks} ${tasks === 1 ? 'task' : 'tasks'} …`);
    const { from, to, name } = await (await this.#feed.clientOf(job)).call(leaderRoutes.scale, { tasks }, { params: { job, stage: String(stage) }, timeoutMs: SCALE_TIMEOUT_MS });
    this.#say('said', `stage ${stage} (${name}): ${from} -> ${to} ${to === 1 ? 'task' : 'tasks'}`);
    this.#wake.abort();
  }

  async #follow(task: string): Promise<void> {
    const ended = new AbortController();
    this.#log?.abort();
    this.#log = ended;
    const { dataDir } = this.#options;
    // What else would be told on stderr would stand in the middle of the screen.
    const terminal = new Terminal(lost(), heard((text) => this.#say('failed', text)));
    await followLog(await this.#feed.recordOf(this.#job ?? ''), task, { dataDir, signal: ended.signal, terminal }, (lines) => this.#take({ kind: 'log', task, lines }));
    if (!ended.signal.aborted) this.#take({ kind: 'log-ended', task });
  }

  #suspend(): void {
    this.#screen.close();
    process.once('SIGCONT', () => {
      if (this.#over) return;
      this.#screen.open();
      this.#take({ kind: 'size', rows: this.#screen.rows, columns: this.#screen.columns });
    });
    process.kill(process.pid, 'SIGTSTP');
  }
}

const paint: Style = (format, text) => styleText(format, text, { validateStream: false });

/** What is no color is left. */
const paintWithoutColor: Style = (format, text) => (format === 'bold' || format === 'dim' || format === 'inverse' ? paint(format, text) : text);

/** By the convention of no-color.org. */
function isColored(): boolean {
  return (process.env['NO_COLOR'] ?? '') === '';
}

function heard(hear: (text: string) => void): Writable {
  return new Writable({
    write(chunk: Buffer, _encoding, done) {
      hear(chunk.toString().trim());
      done();
    },
  });
}

function lost(): Writable {
  return heard(() => undefined);
}
