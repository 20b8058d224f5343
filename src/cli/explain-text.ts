/** A plan, and what limits a job, as text. */
import type { ExplainView, PlanView } from '../control/views.ts';
import { formatTable } from './table.ts';

type StageView = PlanView['stages'][number];
type ChannelView = PlanView['channels'][number];

const INDENT = '  ';

/** What a stage says of itself is told under these words, one below the other. */
const LABEL_WIDTH = 10;

export function formatPlan(plan: PlanView): string {
  const into = (stage: number) => plan.channels.filter(({ to }) => to === stage).map((channel) => `${INDENT}${describeChannel(channel, plan)}\n`).join('');
  const { from: last } = plan.channels.at(-1) ?? { from: 0 };
  const sink = plan.channels.find(({ from }) => from === last)?.to ?? 0;
  return [
    `${summaryOf(plan)}\n\n`,
    `source: ${plan.source}\n${line('journal', describeJournal(plan.sourceJournal))}`,
    ...plan.stages.map((stage) => `${into(stage.stage)}${describeStage(stage)}`),
    `${into(sink)}sink: ${plan.sink}\n`,
  ].join('');
}

/** The sentence, a line for each stage, and the figures. */
export function formatExplanation({ sentence, stages, evidence }: ExplainView): string {
  const rows = stages.map(({ stage, name, tasks, verdict, busyShare, blockedShare }) => [stage, name, tasks, verdict, percent(busyShare), percent(blockedShare)]);
  const figures = evidence.map((text) => `${INDENT}${text}\n`).join('');
  return `${sentence}\n\n${formatTable(['STAGE', 'NAME', 'TASKS', 'IS', 'BUSY', 'BLOCKED'], rows)}\n${figures}`;
}

function summaryOf({ stages, channels }: PlanView): string {
  const tasks = stages.reduce((sum, stage) => sum + stage.tasks, 0);
  return `${counted(stages.length, 'stage')}, ${counted(tasks, 'task')} and ${counted(channels.reduce((sum, { count }) => sum + count, 0), 'channel')}`;
}

function describeStage({ stage, name, tasks, program, fusedFrom, contract, contractBy, journal, scalable }: StageView): string {
  return [
    `stage ${stage}: ${name}, ${counted(tasks, 'task')}\n`,
    line('runs', program),
    fusedFrom.length === 0 ? '' : line('fused', `of ${fusedFrom.join(' and ')}: one stage, without channels between them`),
    line('contract', `${contract}, ${CONTRACT_BY[contractBy]}`),
    line('journal', describeJournal(journal)),
    line('tasks', scalable.ok ? `their number can be changed while it runs${scalable.why === undefined ? '' : `, ${scalable.why}`}` : `their number stays: ${scalable.why ?? ''}`),
  ].join('');
}

const CONTRACT_BY: Readonly<Record<StageView['contractBy'], string>> = {
  declared: 'declared by the job (rainstorm check tries it out)',
  known: 'known: the operators are ours',
  assumed: 'only assumed (rainstorm check tries it out)',
};

function describeChannel({ from, to, count, partition, within }: ChannelView, { stages }: PlanView): string {
  const key = stages.find(({ stage }) => stage === to)?.key;
  const how = partition === 'key' ? `by ${key === 'line' ? 'the whole line' : (key ?? 'key')}` : HOW[partition];
  return `${from} -> ${to}: ${counted(count, 'channel')}, ${how}${within === undefined ? '' : '; only where tuples stand in the files'}`;
}

const HOW: Readonly<Record<Exclude<ChannelView['partition'], 'key'>, string>> = {
  'round-robin': 'in turn',
  'one-to-one': 'each task to its own',
  single: 'all to one task',
};

function describeJournal({ kept, why }: StageView['journal']): string {
  return `${kept ? 'kept' : 'none'}: ${why}`;
}

function line(label: string, text: string): string {
  return `${INDENT}${label.padEnd(LABEL_WIDTH)}${text.replaceAll(/\p{Cc}+/gu, ' ')}\n`;
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}
