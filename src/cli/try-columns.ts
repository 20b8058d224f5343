/** What each column of a tried pipeline says: the source, and then each stage, with what came out of it. */
import type { TuplePlace } from '../check/keyed-tuples.ts';
import type { StageTry } from '../check/try-stage.ts';
import type { Partitioning, StagePlan } from '../job/plan.ts';
import type { ProgramSpec } from '../job/stage-spec.ts';
import { describeExit } from '../task/exit-verdict.ts';
import { taskId } from '../job/task-id.ts';
import { visible } from './cells.ts';

export interface TriedPipeline {
  /** As the user named it. */
  readonly source: string;
  /** The source's, where it has one. */
  readonly header: string | undefined;
  /** What was read of it, each tuple with its newline. */
  readonly tuples: readonly Buffer[];
  /** That it is less than was asked for, though there is more. */
  readonly cut: boolean;
  /** All stages, in their order. */
  readonly stages: readonly { readonly plan: StagePlan; readonly program: string }[];
  /** Of the stages that were run: those behind one that failed were not. */
  readonly tries: readonly StageTry[];
}

/** One tuple that came out, and what is said of it. */
export interface Row {
  readonly text: string;
  /** `Stop → 2-1`: its key, and the task of the next stage that gets it. */
  readonly place?: string | undefined;
}

export interface Column {
  readonly title: string;
  /** How many tuples went in and came out, and by what the stage is given its own. */
  readonly facts: readonly string[];
  readonly header?: string | undefined;
  readonly rows: readonly Row[];
  /** What is to be said under them. */
  readonly notes: readonly string[];
  readonly stderr: readonly string[];
  readonly failed: boolean;
}

/** Of each stage; a program may make thousands of lines of ten. */
const SHOWN_ROWS = 40;

export function columnsOf(tried: TriedPipeline): Column[] {
  const { tries, stages, tuples } = tried;
  const source: Column = {
    title: `source ${visible(tried.source)}`,
    facts: [`${tuples.length} read`],
    header: tried.header === undefined ? undefined : visible(tried.header),
    ...shown(tuples, tries[0], tuples.length),
    notes: [...leftAway(tuples.length, tuples.length), ...sourceNotes(tried)],
    stderr: [],
    failed: false,
  };
  return [source, ...stages.map(({ plan, program }, index) => {
    const title = `${plan.number} ${visible(program)}`;
    const tuplesShown = Math.max(SHOWN_ROWS, tuples.length);
    const stage = tries[index];
    if (stage === undefined) return { title, facts: ['not run', ...spreadOf(plan)], rows: [], notes: [], stderr: [], failed: false };
    return {
      title,
      facts: [`${stage.inTuples} in, ${stage.tuples.length} out`, ...spreadOf(plan)],
      ...shown(stage.tuples, tries[index + 1], tuplesShown),
      notes: [...leftAway(stage.tuples.length, tuplesShown), ...notesOf(stage)],
      stderr: stage.stderr.map(visible),
      failed: stage.failure !== undefined,
    };
  })];
}

/** What the user wrote, without key and tasks. */
export function programText(program: ProgramSpec): string {
  if (program.kind === 'command') return program.commandLine;
  if (program.kind === 'argv') return program.argv.join(' ');
  return program.argument === undefined ? program.operator : `${program.operator}=${program.argument}`;
}

function shown(tuples: readonly Buffer[], next: StageTry | undefined, most: number): Pick<Column, 'rows'> {
  const rows = tuples.slice(0, most).map((tuple, index) => ({ text: visible(textOf(tuple)), place: placeText(next, next?.places?.[index]) }));
  return { rows };
}

/** Without its newline, and a CR before that. */
function textOf(tuple: Buffer): string {
  return tuple.toString().replace(/\r?\n$/, '');
}

function placeText(stage: StageTry | undefined, place: TuplePlace | undefined): string | undefined {
  if (stage === undefined || place === undefined) return undefined;
  const task = taskId({ stage: stage.stage.number, index: place.task });
  // The whole line is before it already.
  return stage.stage.partitioning.kind === 'line' ? `→ ${task}` : `${visible(place.key.toString()) || '(empty)'} → ${task}`;
}

function spreadOf({ tasks, partitioning }: StagePlan): string[] {
  if (tasks === 1 && partitioning.kind === 'spread') return [];
  return [`${tasks} ${tasks === 1 ? 'task' : 'tasks'}, by ${wayOf(partitioning)}`];
}

function wayOf(partitioning: Partitioning): string {
  if (partitioning.kind === 'column') return `column ${partitioning.column}`;
  return partitioning.kind === 'line' ? 'the whole line' : 'position';
}

function leftAway(count: number, most: number): string[] {
  return count > most ? [`… and ${count - most} more`] : [];
}

function sourceNotes({ tuples, cut }: TriedPipeline): string[] {
  if (tuples.length === 0) return ['it has no tuples'];
  return cut ? ['more is not shown: these are long'] : [];
}

function notesOf({ tuples, exit, early, failure, inTuples }: StageTry): string[] {
  if (failure !== undefined) return [exit === undefined ? 'ended, since it went on' : describeExit(exit)];
  if (exit === undefined) return [];
  const status = exit.status === 0 || exit.status === undefined ? '' : ', which is no failure';
  const ended = `${describeExit(exit)}${status}`;
  if (tuples.length === 0) return [`no output; ${inTuples === 0 ? 'without input' : early ? 'before the end of input' : 'at the end of input'} it ${ended}`];
  if (early) return ['it had enough before the end of its input'];
  return status === '' ? [] : [ended];
}
