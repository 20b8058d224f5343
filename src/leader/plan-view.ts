/** A job's plan for people: what runs, what goes where, what is kept and why. It follows from the plan alone. */
import type { Deployment } from '../control/schemas.ts';
import type { PlanView } from '../control/views.ts';
import { mustFreeze, notScalable } from '../job/hand-over.ts';
import { OPERATOR_CONTRACT } from '../job/operator-catalog.ts';
import type { Partitioning, StagePlan } from '../job/plan.ts';
import type { Program } from '../job/program.ts';
import { quoteWords } from '../job/quote-words.ts';
import { producersOf, stageNumbered, stageNumbers, stageTasks, type Topology } from '../job/topology.ts';

export interface PlannedJob {
  readonly job: string;
  /** Stages with the numbers of tasks that they have by now. */
  readonly topology: Topology;
  readonly source: Deployment['source'];
  readonly sink: Deployment['sink'];
  /** Whether anything of the job is kept in journals. */
  readonly journals: boolean;
}

type StageView = PlanView['stages'][number];
type ChannelView = PlanView['channels'][number];
type JournalView = StageView['journal'];

/** A list of sources is cut there: nobody reads more, and a folder may hold thousands. */
const NAMED_FILES = 5;

const NO_JOURNAL: JournalView = { kept: false, why: 'delivery is best-effort: whatever dies fails the job' };

export function viewOfPlan(job: PlannedJob): PlanView {
  return {
    job: job.job,
    source: describeSource(job.source),
    sink: job.sink.kind === 'stdout' ? 'stdout' : job.sink.path,
    sourceJournal: sourceJournal(job),
    stages: job.topology.plan.stages.map((stage) => viewOfStage(stage, job)),
    channels: viewOfChannels(job.topology),
  };
}

function viewOfStage(stage: StagePlan, job: PlannedJob): StageView {
  const key = describeKey(stage.partitioning);
  return {
    stage: stage.number,
    name: stage.name,
    tasks: stage.tasks,
    program: describeProgram(stage.program),
    ...(key === undefined ? {} : { key }),
    contract: stage.contract,
    contractBy: contractBy(stage),
    fusedFrom: [...(stage.fusedFrom ?? [])],
    journal: job.journals ? { kept: true, why: whyKept(stage) } : NO_JOURNAL,
    scalable: scalable(stage, job),
  };
}

/** The contract of our own operators is ours to know, unless the job asks for less. */
function contractBy({ program, contract, contractDeclared }: StagePlan): StageView['contractBy'] {
  if (program.kind === 'operators' && contract === OPERATOR_CONTRACT) return 'known';
  return contractDeclared ? 'declared' : 'assumed';
}

const WHY_BY_CONTRACT: Readonly<Record<StagePlan['contract'], string>> = {
  replay: 'an operator that dies is fed all of its input again, so all of it stays until the job ends',
  snapshot: 'an operator that dies goes on from the state of its last checkpoint, and is fed what came after that',
  restart: 'an operator that dies is fed what came after the last cut of its input; what is before that is over',
  fold: 'an operator that dies is fed what it printed at the last cut of its input, and what came after that',
};

function whyKept({ contract, release, readsFiles }: StagePlan): string {
  const held = release === 'committed' ? '; output is held in it until a checkpoint has it' : '';
  const places = readsFiles === undefined ? '' : '; it holds where tuples stand in the files, not the tuples';
  return `${WHY_BY_CONTRACT[contract]}${held}${places}`;
}

function sourceJournal({ source, journals }: PlannedJob): JournalView {
  const isOnce = source.kind === 'stdin' || source.files.some(({ stream }) => stream === true);
  if (!isOnce) return { kept: false, why: 'its files can be read again' };
  return journals ? { kept: true, why: 'it can be read only once, so what was read and is not done with yet is kept' } : NO_JOURNAL;
}

function scalable(stage: StagePlan, { topology, journals }: PlannedJob): StageView['scalable'] {
  if (!journals) return { ok: false, why: 'the job keeps no journals' };
  const isLast = stage.number === topology.plan.stages.at(-1)?.number;
  const why = notScalable(stage)?.reason ?? (isLast && topology.parts ? 'each of its tasks writes a file of its own' : undefined);
  if (why !== undefined) return { ok: false, why };
  return mustFreeze(stage) ? { ok: true, why: 'only as long as its tasks have put out nothing' } : { ok: true };
}

function viewOfChannels(topology: Topology): ChannelView[] {
  const numbers = stageNumbers(topology);
  return numbers.slice(1).map((to, index): ChannelView => {
    const from = numbers[index] as number;
    const tasks = stageTasks(topology, to);
    const count = tasks.reduce((sum, task) => sum + producersOf(topology, task).length, 0);
    const isOneToOne = tasks.length > 1 && count === tasks.length && stageTasks(topology, from).length > 1;
    const stage = stageNumbered(topology.plan, to);
    const spread = tasks.length === 1 ? 'single' : isOneToOne ? 'one-to-one' : stage?.partitioning.kind === 'spread' ? 'round-robin' : 'key';
    return { from, to, count, partition: spread, ...(stage?.readsFiles === undefined ? {} : { within: 'file' }) };
  });
}

function describeProgram(program: Program): string {
  if (program.kind === 'shell') return program.script;
  if (program.kind === 'chain') return program.commands.map(quoteWords).join(' | ');
  return program.operators.map(({ operator, args }) => {
    // Before its argument stands the format, and -- where that begins with a dash.
    const argument = args.slice(2).filter((word, index) => index > 0 || word !== '--').join(' ');
    return argument === '' ? operator : `${operator}=${argument}`;
  }).join(' | ');
}

function describeKey(partitioning: Partitioning): string | undefined {
  if (partitioning.kind === 'spread') return undefined;
  return partitioning.kind === 'line' ? 'line' : `column ${partitioning.column}`;
}

function describeSource(source: Deployment['source']): string {
  if (source.kind === 'stdin') return 'stdin';
  const paths = source.files.map(({ path }) => path);
  const rest = paths.length - NAMED_FILES;
  return rest > 0 ? `${paths.slice(0, NAMED_FILES).join(', ')} and ${rest} more` : paths.join(', ');
}
