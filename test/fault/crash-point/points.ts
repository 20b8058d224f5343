/**
 * The moments at which tests kill: places of the sources, which run as they are. One that is not there any more, or there twice, is an
 * error, so that no test goes on to kill nowhere.
 */
interface CrashPoint {
  /** Below src. */
  readonly file: string;
  /** Of the file, once: one or more whole statements, outside of an `if` without braces. */
  readonly find: string;
  /** The moment is before these statements, or behind them. */
  readonly where: 'before' | 'after';
  /** An expression at that place: something whose name tells the task, such as the path of its log. */
  readonly task?: string;
  /** An expression: only where it holds. */
  readonly when?: string;
  /** An expression: the path of a file whose last record is only half there when the process is killed. */
  readonly tear?: string;
}

const LOG_PATH = 'this.#options.log.path';

export const POINTS = {
  // The source.
  'read, not routed': { file: 'task/source-task.ts', find: 'router.route(block);', where: 'before', task: LOG_PATH },
  'read and acked, position not written': { file: 'task/source-checkpoints.ts', find: 'const position = await this.#log.append(', where: 'before', task: 'this.#log.name' },
  'position written, the one before not let go': { file: 'task/source-checkpoints.ts', find: 'await this.#log.cut(', where: 'before', task: 'this.#log.name' },
  'source at its end, which nobody was told': { file: 'task/source-task.ts', find: 'this.#router.finish();', where: 'before', task: LOG_PATH },

  // From the journal to the operator and on.
  'accepted, not journaled': { file: 'task/input-intake.ts', find: 'journal.append(entry).then(', where: 'before', task: LOG_PATH, when: "entry.kind === 'frame'" },
  'half journaled': { file: 'log/disk-log.ts', find: 'this.#written += batch.length;', where: 'before', task: 'this.name', tear: 'this.#writer.path' },
  'journaled, not acked': { file: 'task/input-intake.ts', find: 'receiver.recorded(entry.first + entry.count);', where: 'before', task: LOG_PATH },
  'safe at its consumer, which has not acked it': { file: 'wire/channel-receiver.ts', find: 'this.#link.ack(journaled, creditBytes);', where: 'before', task: "this.name.split('>')[0]" },
  'acked': { file: 'wire/channel-receiver.ts', find: 'this.#link.ack(journaled, creditBytes);', where: 'after', task: 'this.name' },
  'fed, nothing printed for it': { file: 'task/copy-line.ts', find: 'feeding.copy.feed(piece, done);', where: 'after', task: LOG_PATH },
  'printed, not routed': { file: 'task/operator-copy.ts', find: 'if (this.#failure === undefined && this.#operator?.killed !== true)', where: 'before', task: LOG_PATH },
  'routed': { file: 'task/attempt-output.ts', find: 'router.route(block);', where: 'after', task: 'this.#log.path' },

  // A checkpoint.
  'state asked for': { file: 'task/operator-attempt.ts', find: 'this.#asked = mark;', where: 'after', task: LOG_PATH },
  'state handed out': { file: 'task/operator-attempt.ts', find: 'const output = this.outlet.take();', where: 'before', task: LOG_PATH },
  'checkpoint not recorded': { file: 'task/checkpoints.ts', find: 'const made = await journal.record(', where: 'before', task: LOG_PATH },
  'checkpoint recorded, journal not cut': { file: 'task/checkpoints.ts', find: 'await journal.cut(made);', where: 'before', task: LOG_PATH },
  'journal cut, no next checkpoint': { file: 'task/checkpoints.ts', find: 'await journal.cut(made);', where: 'after', task: LOG_PATH },

  // From one copy to the next.
  'cut not recorded': { file: 'task/input-feed.ts', find: "journal.append({ kind: 'cut' }).then(", where: 'before', task: LOG_PATH },
  'cut recorded, not made': { file: 'task/input-feed.ts', find: "this.accept({ kind: 'cut', position });", where: 'before', task: LOG_PATH },
  'cut made, the next copy not fed': { file: 'task/copy-line.ts', find: 'this.#next.taken();', where: 'before', task: LOG_PATH },
  'the next copy fed': { file: 'task/copy-line.ts', find: 'this.#feedTo(next);', where: 'after', task: LOG_PATH },
  'the copy before printed to its end': { file: 'task/copy-line.ts', find: 'if (this.#copies.length === 0 && this.#inputEnded && !this.#cutting)', where: 'before', task: LOG_PATH },
  'what a copy folded is not recorded': { file: 'task/copy-line.ts', find: 'this.#state = copy.takeKept();', where: 'after', task: LOG_PATH },

  // The end of the stream.
  'last tuple in, end not journaled': { file: 'task/input-intake.ts', find: 'journal.append(entry).then(', where: 'before', task: LOG_PATH, when: "entry.kind === 'fin'" },
  'end journaled, stdin open': { file: 'task/input-intake.ts', find: "feed.accept({ kind: 'fin', position, producer: entry.producer, superseded: entry.superseded });", where: 'before', task: LOG_PATH },
  'stdin about to close': { file: 'task/copy-line.ts', find: 'this.#inputEnded = true;', where: 'after', task: LOG_PATH },
  'exited, own end not sent': { file: 'task/operator-task.ts', find: 'router.finish();', where: 'before', task: LOG_PATH },
  'own end acked, task not finished': { file: 'task/operator-task.ts', find: "this.#setState('finished');", where: 'before', task: LOG_PATH },
  'task finished, job not': { file: 'task/operator-task.ts', find: "this.#setState('finished');", where: 'after', task: LOG_PATH },
  'had enough, which is not journaled': { file: 'task/input-intake.ts', find: "await this.#options.journal?.append({ kind: 'finished' });", where: 'before', task: LOG_PATH },
  'had enough, which no producer knows': { file: 'task/input-intake.ts', find: "await this.#options.journal?.append({ kind: 'finished' });", where: 'after', task: LOG_PATH },

  // The sink.
  'written, not committed': { file: 'task/sink-acks.ts', find: 'await this.#commits.commit(last.commit);', where: 'before', task: 'this.#commits.name' },
  'committed, not acked': { file: 'task/sink-acks.ts', find: 'await this.#commits.commit(last.commit);', where: 'after', task: 'this.#commits.name' },
  'all written, file not finished': { file: 'task/sink-task.ts', find: 'await this.#openSink.finish();', where: 'before', task: LOG_PATH },
  'file finished, not to be published yet': { file: 'task/sink-task.ts', find: 'const commit = this.#standing(this.#openSink, true);', where: 'before', task: LOG_PATH },
  'to be published, not renamed': { file: 'task/sink-task.ts', find: 'await this.#openSink.publish();', where: 'before', task: LOG_PATH },
  'renamed, the leader not told': { file: 'task/sink-task.ts', find: 'this.#published = true;', where: 'before', task: LOG_PATH },

  // Recovery.
  'crashed, not started again': { file: 'task/attempts.ts', find: 'if (decision.afterMs > 0)', where: 'before', task: 'this.#options.task.log.path' },
  'within the replay': { file: 'task/input-feed.ts', find: 'if (left.count > 0) attempt.feed(this.#pieceOf(left.bytes), () => undefined);', where: 'after', task: LOG_PATH },
  'replayed, nothing new fed': { file: 'task/input-feed.ts', find: 'const ms = Math.round(clock.now() - startedAt);', where: 'before', task: LOG_PATH },
  'journal taken over, not read': { file: 'worker/task-memory.ts', find: 'const state = await journal.state(', where: 'before', task: 'log.name', when: 'log.attempt > 1' },
  'handshake not answered': { file: 'wire/channel-receiver.ts', find: 'link.opened({ expected: this.#toldExpected,', where: 'before', task: 'this.name' },
  'handshake answered': { file: 'wire/channel-receiver.ts', find: 'link.opened({ expected: this.#toldExpected, ended, creditBytes: this.#toldCreditBytes, windowBytes, digest });', where: 'after', task: 'this.name' },
  'answer of the handshake heard': { file: 'wire/channel-sender.ts', find: 'this.#channel.opened(answer);', where: 'after', task: "this.name.split('>')[0]" },

  // The leader.
  'placed, not written down': { file: 'leader/job-placing.ts', find: 'await journal.append({', where: 'before' },
  'placed and written down, nobody told': { file: 'leader/job-placing.ts', find: 'this.#recorded = version;', where: 'before' },
  'workers told, nothing started': { file: 'leader/job-placing.ts', find: 'return workers.tell((client, from) =>', where: 'before' },
  'worker lost, not seen dead': { file: 'leader/worker-losses.ts', find: 'killer.reap(worker, this.#groupsOn(worker));\n    const dead', where: 'before' },
  'worker seen dead, nothing placed again': { file: 'leader/worker-losses.ts', find: 'workers.remove(worker);', where: 'after' },
  'all finished, nothing published': { file: 'leader/job-run.ts', find: 'const tellAll = () =>', where: 'before' },
  'published, end not written down': { file: 'leader/job-run.ts', find: "await this.#options.journal.append({ kind: 'ended',", where: 'before' },
  'end written down, nobody told': { file: 'leader/job-run.ts', find: 'await this.#end(state);', where: 'before' },
  'workers told of the end, destination locked': { file: 'leader/job-run.ts', find: 'await this.#options.prepared.lock.release();', where: 'before' },
} as const satisfies Readonly<Record<string, CrashPoint>>;

export type PointName = keyof typeof POINTS;

/** What a point calls: `(point, task, tear)`. */
export const HOOK = 'rainstormCrashPoint';

/** Called with each operator task as it is made. */
export const TASK_HOOK = 'rainstormOperatorTask';

/** Called with each block that a source has read, which it routes when the promise that this gives has resolved. */
export const SOURCE_HOOK = 'rainstormSourceBlock';

/** What is inserted besides the points. */
const LISTENERS: readonly { readonly place: CrashPoint; readonly call: string }[] = [
  { place: { file: 'task/operator-task.ts', find: 'this.ref = options.ref;', where: 'after' }, call: `globalThis.${TASK_HOOK}(this);` },
  { place: { file: 'task/source-task.ts', find: 'router.route(block);', where: 'before' }, call: `await globalThis.${SOURCE_HOOK}();` },
];

/** The file of src, with calls at all of its points that are among `names`. Throws for a point that is not there once. */
export function withPoints(file: string, source: string, names: readonly PointName[]): string {
  const insertions = [...LISTENERS, ...names.map((name) => ({ place: POINTS[name], call: callAt(name, POINTS[name]) }))];
  return insertions.filter(({ place }) => place.file === file).reduce((text, { place, call }) => inserted(text, place, call), source);
}

function callAt(name: PointName, { task, when, tear }: CrashPoint): string {
  const call = `globalThis.${HOOK}(${JSON.stringify(name)}, ${task ?? 'undefined'}, ${tear ?? 'undefined'});`;
  return when === undefined ? call : `if (${when}) { ${call} }`;
}

function inserted(source: string, { file, find, where }: CrashPoint, call: string): string {
  const parts = source.split(find);
  if (parts.length !== 2) throw new Error(`src/${file} has ${parts.length - 1} times, not once: ${find}`);
  return where === 'before' ? parts.join(`${call} ${find}`) : parts.join(`${find} ${call}`);
}
