/** `rainstorm explain`: how a job would run, or what limits the one that runs. */
import { RainstormError } from '../base/errors.ts';
import { checkDestination, resolveDestination } from '../connect/destination.ts';
import { StdinSource } from '../connect/stdin-source.ts';
import { leaderRoutes } from '../control/routes.ts';
import type { ExplainView, PlanView } from '../control/views.ts';
import { headerRemark } from '../job/header-remark.ts';
import { makePlan } from '../job/make-plan.ts';
import type { JobSpec } from '../job/stage-spec.ts';
import { wantsHeader } from '../job/wants-header.ts';
import { readJobSpec, type JobFlags } from '../launch/job-spec.ts';
import { peekHeader } from '../launch/peek-header.ts';
import { readEndedViews } from '../leader/ended-views.ts';
import { readJobRecords } from '../leader/job-record.ts';
import { viewOfPlan } from '../leader/plan-view.ts';
import { isStdin, lookAtSource } from '../leader/prepare-job.ts';
import { formatExplanation, formatPlan } from './explain-text.ts';
import { chooseJob, findJob, foundJob, noLiveJob, type FindJobOptions } from './find-job.ts';
import { Terminal } from './terminal.ts';

export interface ExplainOptions extends JobFlags, FindJobOptions {
  readonly json: boolean;
}

/** Of a job that has no name yet. */
const NO_JOB = '';

/** Throws what is wrong with the job that is described, or NO_LIVE_JOB, UNKNOWN_JOB, USAGE, UNREACHABLE. Nothing is run, and nothing written. */
export async function explain(file: string | undefined, options: ExplainOptions, terminal: Terminal = new Terminal()): Promise<void> {
  if (file === undefined && options.stages === undefined && options.stage === undefined) {
    const view = await explanationOf(options);
    return options.json ? await terminal.printJson(view) : void (await terminal.print(formatExplanation(view)));
  }
  if (options.job !== undefined) throw new RainstormError('USAGE', 'a job is named by --job, and another is described', { hint: 'Leave one of the two away.' });
  const { plan, remarks } = await planned(file, options);
  if (options.json) await terminal.printJson(plan);
  else await terminal.print(formatPlan(plan));
  for (const remark of remarks) terminal.remark(remark);
}

/** Of the one live job, or the one named, which may have ended. */
async function explanationOf(options: FindJobOptions): Promise<ExplainView> {
  const record = await chooseJob(options);
  if (record === undefined) throw noLiveJob(options.dataDir, await readJobRecords(options.dataDir));
  if (record.standing === 'ended') return (await readEndedViews(record.folder)).explain;
  const { client, job } = record.standing === 'live' ? foundJob(record) : await findJob(options);
  return await client.call(leaderRoutes.explain, undefined, { params: { job } });
}

interface Planned {
  readonly plan: PlanView;
  /** What a run would say besides. */
  readonly remarks: readonly string[];
}

async function planned(file: string | undefined, flags: JobFlags): Promise<Planned> {
  const { spec } = await readJobSpec(file, flags, { cwd: process.cwd(), stdinIsTerminal: process.stdin.isTTY });
  const { source, facts, firstRecord } = await lookAtSource({ spec, stdinFirstRecord: await firstRecordOfStdin(spec) });
  const plan = makePlan(spec, facts);
  const { sink, refusal } = await lookAtDestination(spec);
  const warning = headerRemark(plan, firstRecord);
  const view = viewOfPlan({ job: NO_JOB, topology: { plan, parts: sink.kind === 'folder' }, source, sink, journals: spec.delivery !== 'best-effort' });
  return { plan: view, remarks: [...(warning === undefined ? [] : [warning]), ...(refusal === undefined ? [] : [`run would refuse it: ${refusal}`])] };
}

/** Only where the plan depends on it. */
async function firstRecordOfStdin(spec: JobSpec): Promise<string | undefined> {
  if (!isStdin(spec) || !wantsHeader(spec)) return undefined;
  const stdin = new StdinSource(process.stdin);
  try {
    return (await peekHeader(stdin, spec, new AbortController().signal))?.toString('base64');
  } finally {
    await stdin.close();
  }
}

type Sink = Parameters<typeof viewOfPlan>[0]['sink'];

/** A plan does not depend on whether the result may be written there. */
async function lookAtDestination(spec: JobSpec): Promise<{ readonly sink: Sink; readonly refusal?: string }> {
  const meant = resolveDestination(spec.dest, spec.cwd);
  try {
    const checked = await checkDestination(meant, spec.overwrite);
    return { sink: checked.kind === 'stdout' ? { kind: checked.kind } : { kind: checked.kind, path: checked.path } };
  } catch (error) {
    if (!(error instanceof RainstormError)) throw error;
    return { sink: meant.kind === 'stdout' ? { kind: meant.kind } : { kind: meant.kind, path: meant.path }, refusal: error.message };
  }
}
