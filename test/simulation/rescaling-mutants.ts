/**
 * The rules by which stages are rescaled, broken on purpose, one at a time.
 */
import type { Mutant } from './mutants.ts';

export const RESCALING_MUTANTS: readonly Mutant[] = [
  {
    name: 'a SWITCH is told before it is recorded',
    file: 'src/task/lanes.ts',
    find: 'if (generation >= router.generation || chosen?.durable !== true) continue;',
    replace: 'if (generation >= router.generation || chosen === undefined) continue;',
  },
  {
    name: 'a SWITCH is chosen while a consumer has more than was made',
    file: 'src/task/lanes.ts',
    find: 'every(({ stopped, settled }) => stopped || settled)',
    replace: 'every(({ stopped, known }) => stopped || known !== undefined)',
  },
  {
    name: 'a SWITCH is chosen before every consumer has said where it stands',
    file: 'src/task/lanes.ts',
    find: 'every(({ stopped, settled }) => stopped || settled)',
    replace: 'every(({ stopped, remaking, endKnown }) => stopped || (!remaking && !endKnown))',
  },
  {
    name: 'a SWITCH is chosen behind the end of all output',
    file: 'src/task/lanes.ts',
    find: 'router === undefined || router.finished || router.unwanted ||',
    replace: 'router === undefined || router.unwanted ||',
  },
  {
    name: 'SWITCHes are not found again in the journal of a task',
    file: 'src/task/input-journal.ts',
    find: 'const switches = points.filter((point) => point.generation > generation);',
    replace: 'const switches = points.filter((point) => point.generation < generation);',
  },
  {
    name: 'a later attempt goes over one tuple behind the recorded place',
    file: 'src/task/switch-point.ts',
    find: 'ordinal: Number(record.readBigUInt64LE(4)) };',
    replace: 'ordinal: Number(record.readBigUInt64LE(4)) + 1 };',
  },
  {
    name: 'SWITCHes are not found again by a source',
    file: 'src/task/source-checkpoints.ts',
    find: '      if (point.generation > (last?.output.generation ?? FIRST_GENERATION)) points.push(point);\n',
    replace: '',
  },
  {
    name: 'a source lets a SWITCH go that lies behind its checkpoint',
    file: 'src/task/source-checkpoints.ts',
    find: ', ...switches.map(([, at]) => at)));',
    replace: '));',
  },
  {
    name: 'a superseded end is shown to the operator as the end of its input',
    file: 'src/task/input-feed.ts',
    find: "if (!this.superseded || handOverOf(this.#options.stage) === 'drain') return attempt.endInput();",
    replace: 'return attempt.endInput();',
  },
  {
    name: 'that an end is superseded is forgotten in recovery',
    file: 'src/task/input-journal.ts',
    find: 'return { ...position, ended: true, superseded: entry.superseded };',
    replace: 'return { ...position, ended: true, superseded: false };',
  },
  {
    name: 'every successor has the state of all keys',
    file: 'src/task/inherit.ts',
    find: 'partitionOf(hashBytes(bytes, start, end), stage.tasks) === index;',
    replace: 'partitionOf(hashBytes(bytes, start, end), stage.tasks) >= 0;',
  },
  {
    name: 'every successor has all tuples that were handed over',
    file: 'src/task/inherit.ts',
    find: 'if (owners[tuple] === index) yield',
    replace: 'yield',
  },
  {
    name: 'a successor begins with nothing',
    file: 'src/task/inherit.ts',
    find: 'state: await stateOf(from, left),',
    replace: 'state: Buffer.alloc(0),',
  },
  {
    name: 'a successor waits for producers that had ended',
    file: 'src/task/inherit.ts',
    find: '.filter((producer) => left.some(({ ended }) => ended.has(producer)))',
    replace: '.filter((producer) => producer < 0)',
  },
  {
    name: 'a successor takes producers for ended that have gone over to it',
    file: 'src/task/inherit.ts',
    find: "if (entry.kind === 'fin' && !entry.superseded) ended.add(entry.producer);",
    replace: "if (entry.kind === 'fin') ended.add(entry.producer);",
  },
  {
    name: 'the first attempt of a successor inherits, and so does each behind it',
    file: 'src/worker/task-memory.ts',
    find: 'if (ref.generation === FIRST_GENERATION || journal.end > 0) return;',
    replace: 'if (ref.generation === FIRST_GENERATION) return;',
  },
  {
    name: 'successors begin when one of those before them has ended',
    file: 'src/leader/rescales.ts',
    find: "return tasks.every((status) => status?.state === 'finished') ? 'superseded' : 'open';",
    replace: "return tasks.some((status) => status?.state === 'finished') ? 'superseded' : 'open';",
  },
  {
    name: 'what tasks wrote down is removed before their successors have begun',
    file: 'src/leader/rescales.ts',
    find: '    await placing.settle();\n    log.text(\'RESCALE\', `job=${job} stage ${stage}: ${before.length}',
    replace: '    await removeLogsOf(before);\n    await placing.settle();\n    log.text(\'RESCALE\', `job=${job} stage ${stage}: ${before.length}',
  },
  {
    name: 'a checkpoint is recorded before a generation that was left has acked all that it got',
    file: 'src/task/lanes.ts',
    find: 'if (generation < output.generation) return senders.every(({ done }) => done);',
    replace: 'if (generation < output.generation) return true;',
  },
  {
    name: 'the end of input is shown while the stage before is being rescaled',
    file: 'src/task/input-order.ts',
    find: 'return !more && numbers.every(',
    replace: 'return numbers.every(',
  },
  {
    name: 'two stages are rescaled at once',
    file: 'src/leader/rescales.ts',
    find: '    if (stages.topology.rescaling !== undefined || this.#advancing) return;\n',
    replace: '',
  },
  {
    name: 'a producer that is about to go over counts as ended',
    file: 'src/leader/rescales.ts',
    find: '(isAtEnd(status) && status?.switching !== true)',
    replace: 'isAtEnd(status)',
  },
  {
    name: 'a task stands still although consumers have something of it',
    file: 'src/task/lanes.ts',
    find: '=> stopped || next > 0 ||',
    replace: '=> stopped ||',
  },
  {
    name: 'what goes to a generation that is gone goes to the next',
    file: 'src/task/router.ts',
    find: 'return this.#routers.get(this.#generation);',
    replace: 'return this.#routers.get(this.#generation) ?? [...this.#routers.values()][0];',
  },
  {
    name: 'the next attempt of a task that its stage has agreed to freeze asks anew whether it can',
    file: 'src/task/operator-task.ts',
    find: 'this.#cannotFreeze = !decided && ',
    replace: 'this.#cannotFreeze = ',
  },
];
