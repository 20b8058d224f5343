/** Turns a submission into a plan: looks at the source, resolves names, claims the destination. Nothing runs yet. */
import { resolve } from 'node:path';
import { RainstormError } from '../base/errors.ts';
import { claimDestination } from '../connect/claim-destination.ts';
import type { DestinationLock } from '../connect/destination-lock.ts';
import { resolveDestination } from '../connect/destination.ts';
import { findFiles } from '../connect/find-files.ts';
import { formatOf } from '../connect/format-of.ts';
import { inputFiles } from '../connect/input-files.ts';
import { readFirstRecord } from '../connect/read-header.ts';
import type { Deployment, Submission } from '../control/schemas.ts';
import { DiskStore } from '../log/disk-store.ts';
import { contractRemark } from '../job/contract-remark.ts';
import { headerRemark } from '../job/header-remark.ts';
import { makePlan } from '../job/make-plan.ts';
import type { JobPlan } from '../job/plan.ts';
import type { JobSpec } from '../job/stage-spec.ts';
import { wantsHeader } from '../job/wants-header.ts';

export interface PreparedJob {
  readonly plan: JobPlan;
  readonly source: Deployment['source'];
  readonly sink: Deployment['sink'];
  readonly lock: DestinationLock;
  readonly store: Deployment['store'];
  /** For the user: what may make the result another than was meant. */
  readonly notes: readonly string[];
  /** What is good to know. */
  readonly remarks: readonly string[];
}

/** Throws whatever is wrong with the job, in words for the user. */
export async function prepareJob(submission: Submission, storeFolder: string): Promise<PreparedJob> {
  const { spec, job } = submission;
  const { source, facts, firstRecord } = await lookAtSource(submission);
  const plan = makePlan(spec, facts);
  const { destination, lock } = await claimDestination(resolveDestination(spec.dest, spec.cwd), { overwrite: spec.overwrite, job });
  const store = await releasing(lock, () => prepareStore(spec, storeFolder));
  const sink = destination.kind === 'stdout' ? { kind: destination.kind } : { kind: destination.kind, path: destination.path };
  const warning = headerRemark(plan, firstRecord);
  const remark = store === undefined ? undefined : contractRemark(plan);
  return { plan, source, sink, lock, store, notes: warning === undefined ? [] : [warning], remarks: remark === undefined ? [] : [remark] };
}

/** A destination is not kept from others by a job that cannot begin. */
export async function releasing<Result>(lock: DestinationLock, action: () => Promise<Result>): Promise<Result> {
  try {
    return await action();
  } catch (error) {
    await lock.release();
    throw error;
  }
}

/** `otherwise`: where the store lies if the job does not say. Throws STORE_FAILED. */
async function prepareStore(spec: JobSpec, otherwise: string): Promise<Deployment['store']> {
  if (spec.delivery === 'best-effort') return undefined;
  const { durability, storeLimitBytes: limitBytes } = spec;
  const folder = spec.store === undefined ? otherwise : resolve(spec.cwd, spec.store);
  const opened = await DiskStore.open({ folder, durability, limitBytes });
  return { folder, durability, limitBytes, identity: await opened.identity() };
}

interface Looked {
  readonly source: Deployment['source'];
  readonly facts: Parameters<typeof makePlan>[1];
  /** Known even where it is no header. */
  readonly firstRecord: Buffer | undefined;
}

/** What a plan has to know of a job's source. Throws SOURCE_NOT_FOUND and the like, SOURCE_FORMAT, USAGE. */
export async function lookAtSource({ spec, stdinFirstRecord }: { readonly spec: JobSpec; readonly stdinFirstRecord?: string | undefined }): Promise<Looked> {
  if (isStdin(spec)) {
    const firstRecord = stdinFirstRecord === undefined ? undefined : Buffer.from(stdinFirstRecord, 'base64');
    return { source: { kind: 'stdin' }, facts: { format: spec.format ?? 'lines', headerRow: firstRecord }, firstRecord };
  }
  const files = await findFiles(spec.sources, spec.cwd);
  const format = formatOf(files, spec.format);
  const header = wantsHeader(spec);
  if (header && files[0]?.stream === true) {
    throw new RainstormError('SOURCE_FORMAT', `the header of ${spec.sources[0]} cannot be read ahead of the job: it is a pipe or a device`, {
      hint: 'Feed it in as stdin (--src -), or name columns by number.',
    });
  }
  const firstRecord = header || format === 'csv' ? await readFirstRecord(files, format, spec.maxTupleBytes) : undefined;
  return { source: { kind: 'files', files }, facts: { format, headerRow: header ? firstRecord : undefined, firstRecord, files: await inputFiles(files) }, firstRecord };
}

export function isStdin(spec: Pick<JobSpec, 'sources'>): boolean {
  if (spec.sources.length === 0) throw new RainstormError('USAGE', 'the job has no source', { hint: 'Name one: --src FILE, or - for stdin.' });
  return spec.sources.length === 1 && spec.sources[0] === '-';
}
