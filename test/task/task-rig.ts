import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { systemClock, type Clock } from '../../src/base/clock.ts';
import { skipTuples } from '../../src/job/skip-tuples.ts';
import type { StagePlan } from '../../src/job/plan.ts';
import type { TaskState, TaskStatus } from '../../src/job/task-status.ts';
import { DiskStore } from '../../src/log/disk-store.ts';
import { DeadLetterFile } from '../../src/task/dead-letter-file.ts';
import { InputJournal } from '../../src/task/input-journal.ts';
import { LocalLog } from '../../src/task/local-log.ts';
import type { Member } from '../../src/task/operator-command.ts';
import { OperatorProcess } from '../../src/task/operator-process.ts';
import { OperatorTask } from '../../src/task/operator-task.ts';
import { SEARCH_MS } from '../../src/task/poison.ts';
import { ChannelReceiver } from '../../src/wire/channel-receiver.ts';
import { ChannelSender } from '../../src/wire/channel-sender.ts';
import { CHANNEL_START } from '../../src/wire/in-channel.ts';
import { joinLocally } from '../../src/wire/local-link.ts';
import { scratch } from '../connect/scratch.ts';
import { firstProducers, lanesOf, setSenders } from './lanes-to.ts';
import { stagePlan } from './stage-plan.ts';

export const WINDOW_BYTES = 64 * 1024;

export const skipLines = (bytes: Buffer, count: number) => skipTuples('lines', bytes, count);

/** Resolves waits when what they wait for has become true. */
export class Waiters {
  #waiting: { readonly until: () => boolean; readonly resolve: () => void }[] = [];

  look(): void {
    if (this.#waiting.length === 0) return;
    const met = this.#waiting.filter(({ until }) => until());
    this.#waiting = this.#waiting.filter((waiting) => !met.includes(waiting));
    for (const { resolve } of met) resolve();
  }

  async until(condition: () => boolean): Promise<void> {
    if (condition()) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#waiting.push({ until: condition, resolve });
    await promise;
  }
}

/** What a task of the stage before would be: tuples go in as the test says. */
export class Producer {
  readonly sender: ChannelSender;
  stopped = false;
  done = false;

  constructor(name: string, waiters: Waiters) {
    this.sender = new ChannelSender({
      name,
      attempt: 1,
      maxHeldBytes: WINDOW_BYTES,
      skipTuples: skipLines,
      events: {
        acked: () => waiters.look(),
        done: () => {
          this.done = true;
          waiters.look();
        },
        stopped: () => {
          this.stopped = true;
          waiters.look();
        },
      },
    });
  }

  push(text: string): void {
    this.sender.push(Buffer.from(text), text.split('\n').length - 1);
  }
}

/** What a task of the stage behind would be: it keeps what comes. */
export class Consumer {
  readonly receiver: ChannelReceiver;
  ended = false;
  bytes = 0;
  #chunks: Buffer[] = [];
  #unfed = 0;
  #stuck: boolean;

  constructor(name: string, producer: number, waiters: Waiters, stuck = false) {
    this.#stuck = stuck;
    this.receiver = new ChannelReceiver({
      name,
      producer,
      windowBytes: WINDOW_BYTES,
      skipTuples: skipLines,
      defer: setImmediate,
      events: {
        accepted: (receiver, first, count, bytes) => {
          this.#chunks.push(Buffer.from(bytes));
          this.bytes += bytes.length;
          receiver.recorded(first + count);
          if (this.#stuck) this.#unfed += bytes.length;
          else receiver.fed(bytes.length);
          waiters.look();
        },
        rejected: () => undefined,
        ended: (receiver, sequence) => {
          this.ended = true;
          receiver.recorded(sequence + 1);
          waiters.look();
        },
      },
    });
  }

  get text(): string {
    return Buffer.concat(this.#chunks).toString();
  }


  /** From now on it takes what comes. */
  loosen(): void {
    this.#stuck = false;
    const bytes = this.#unfed;
    this.#unfed = 0;
    this.receiver.fed(bytes);
  }
}

export interface OperatorRigOptions {
  readonly stage?: Partial<StagePlan>;
  readonly producers?: number;
  readonly consumers?: number;
  /** Whether crashes are recovered from. */
  readonly journal?: boolean;
  /** How large a piece of the journal is, which is let go as a whole. */
  readonly segmentBytes?: number;
  /** The consumers do not take what comes, until told. */
  readonly stuck?: boolean;
  readonly maxTupleBytes?: number;
  readonly clock?: Clock;
  /** How long a search for a tuple that the operator dies of may take. */
  readonly searchMs?: number;
  /** The task of this rig was stopped, and begins anew elsewhere, between the same neighbours. */
  readonly after?: OperatorRig;
}

type RigParts = Pick<OperatorRig, 'producers' | 'consumers' | 'waiters' | 'task' | 'journal' | 'states' | 'folder'>;

/** A task of the test's stage 2 between producers and consumers in this process, with a real operator. */
export class OperatorRig {
  readonly producers: readonly Producer[];
  readonly consumers: readonly Consumer[];
  readonly waiters: Waiters;
  readonly task: OperatorTask;
  readonly journal: InputJournal | undefined;
  readonly states: readonly TaskState[];
  readonly folder: string;
  readonly #log: LocalLog;

  private constructor(parts: RigParts, log: LocalLog) {
    this.folder = parts.folder;
    this.producers = parts.producers;
    this.consumers = parts.consumers;
    this.waiters = parts.waiters;
    this.task = parts.task;
    this.journal = parts.journal;
    this.states = parts.states;
    this.#log = log;
  }

  static async make(members: readonly Member[], options: OperatorRigOptions = {}): Promise<OperatorRig> {
    const { after } = options;
    const folder = after?.folder ?? await scratch();
    const attempt = after === undefined ? 1 : after.status.attempt + 1;
    const waiters = after?.waiters ?? new Waiters();
    const log = new LocalLog(join(folder, '2-0.log'), '2-0', 'first');
    const producers = after?.producers ?? Array.from({ length: options.producers ?? 1 }, (_, index) => new Producer(`1.1.${index}>2.1.0`, waiters));
    const consumers = after?.consumers ?? Array.from({ length: options.consumers ?? 1 }, (_, index) => new Consumer(`2.1.0>3.1.${index}`, 0, waiters, options.stuck));
    const receivers: ChannelReceiver[] = [];
    const senders: ChannelSender[] = [];
    const lanes = lanesOf({ windowBytes: WINDOW_BYTES });
    const states: TaskState[] = [];
    const start = { members, env: { PATH: process.env['PATH'] ?? '', LC_ALL: 'C' }, cwd: folder, control: options.stage?.contract === 'snapshot' };
    const journal = options.journal === true ? await journalIn(join(folder, 'store'), attempt, options.segmentBytes) : undefined;
    const recovered = journal === undefined ? undefined : { ...await journal.state(), end: journal.end };
    const task: OperatorTask = new OperatorTask({
      ref: { stage: 2, generation: 1, index: 0 },
      stage: stagePlan({ number: 2, ...options.stage }),
      attempt,
      command: members.map(({ shown }) => shown).join(' | '),
      startOperator: (events) => OperatorProcess.start(start, events),
      journal,
      maxTupleBytes: options.maxTupleBytes ?? 1 << 20,
      log,
      clock: options.clock ?? systemClock,
      receivers: () => receivers,
      producers: firstProducers(producers.length),
      lanes,
      poison: options.stage?.onPoison === 'deadletter' ? { deadLetters: new DeadLetterFile(join(folder, 'deadletter', '2-0.txt')), searchMs: options.searchMs ?? SEARCH_MS } : undefined,
      changed: () => {
        const { state } = task.status();
        if (states.at(-1) !== state) states.push(state);
        waiters.look();
      },
    }, recovered);
    for (const [index, { sender }] of producers.entries()) {
      const from = recovered?.positions.get(index) ?? CHANNEL_START;
      receivers.push(new ChannelReceiver({ name: sender.name, producer: index, windowBytes: WINDOW_BYTES, skipTuples: skipLines, events: task.input, defer: setImmediate, from }));
    }
    for (const { receiver } of consumers) {
      senders.push(new ChannelSender({ name: receiver.name, attempt, maxHeldBytes: WINDOW_BYTES, skipTuples: skipLines, events: task.output }));
    }
    setSenders(lanes, senders);
    for (const [index, { sender }] of producers.entries()) joinLocally(sender, receivers[index] as ChannelReceiver);
    for (const [index, { receiver }] of consumers.entries()) joinLocally(senders[index] as ChannelSender, receiver);
    onTestFinished(async () => {
      await task.stop();
      log.close();
    });
    return new OperatorRig({ producers, consumers, waiters, task, journal, states, folder }, log);
  }

  /** Started, fed these texts by its first producer, which then ends. */
  static async run(members: readonly Member[], input: readonly string[], options: OperatorRigOptions = {}): Promise<OperatorRig> {
    const rig = await OperatorRig.make(members, options);
    await rig.task.start();
    for (const text of input) rig.producer.push(text);
    rig.producer.sender.finish();
    await rig.over();
    return rig;
  }

  get producer(): Producer {
    return this.producers[0] as Producer;
  }

  get consumer(): Consumer {
    return this.consumers[0] as Consumer;
  }

  get status(): TaskStatus {
    return this.task.status();
  }

  /** Finished or failed. */
  async over(): Promise<void> {
    await this.waiters.until(() => ['finished', 'failed', 'stopped'].includes(this.status.state));
  }

  /** The tuples that it has left out. */
  async deadLetters(): Promise<string> {
    return await readFile(join(this.folder, 'deadletter', '2-0.txt'), 'utf8');
  }

  /** The events of its log, without their times and without output tuples. */
  async events(): Promise<string[]> {
    const lines = (await readFile(this.#log.path, 'utf8')).split('\n').slice(0, -1);
    return lines.map((line) => line.replace(/^\S+ /, '')).filter((line) => !line.startsWith('OUTPUT'));
  }
}

async function journalIn(folder: string, attempt: number, segmentBytes?: number): Promise<InputJournal> {
  const store = await DiskStore.open({ folder, durability: 'process', limitBytes: 1 << 30, ...(segmentBytes === undefined ? {} : { segmentBytes }) });
  return new InputJournal(await store.open('2.1.0', attempt));
}
