import type { StdinSource } from '../connect/stdin-source.ts';
import type { JobSpec } from '../job/stage-spec.ts';

/** The header of stdin. Who interrupts while nothing has come yet is not kept waiting. */
export async function peekHeader(stdin: StdinSource | undefined, spec: JobSpec, interrupted: AbortSignal): Promise<Buffer | undefined> {
  const close = () => void stdin?.close();
  interrupted.addEventListener('abort', close);
  const record = await stdin?.peekRecord({ format: spec.format ?? 'lines', maxTupleBytes: spec.maxTupleBytes });
  interrupted.removeEventListener('abort', close);
  return record;
}
