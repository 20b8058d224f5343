/** Asks for another number of tasks of a stage. */
import { useRef } from 'preact/hooks';
import { call } from '../api/call.ts';
import type { JobView, PlanStage, ScaleReply } from '../api/types.ts';
import { formatNumberOf } from '../format.ts';
import { ActionButton } from './action-button.tsx';

/** The most that the grammar of stages takes. */
const MAX_TASKS = 256;

/** The leader answers when the stage has its tasks, which may take as long as they need to hand over. */
const SCALE_TIMEOUT_MS = 120_000;

export interface ScaleButtonProps {
  readonly job: string;
  readonly stage: JobView['stages'][number];
  readonly scalable: PlanStage['scalable'] | undefined;
}

export function ScaleButton({ job, stage, scalable }: ScaleButtonProps) {
  const input = useRef<HTMLInputElement>(null);
  const act = async () => {
    const tasks = Number(input.current?.value);
    const path = `/v1/jobs/${encodeURIComponent(job)}/stages/${stage.stage}/scale`;
    const reply = await call<ScaleReply>(path, { method: 'POST', body: { tasks }, timeoutMs: SCALE_TIMEOUT_MS });
    return `Stage ${reply.stage} (${reply.name}) went from ${formatNumberOf(reply.from, 'task')} to ${reply.to}.`;
  };
  const impossible = scalable?.ok === false ? `Cannot be scaled: ${scalable.why ?? 'the leader does not say why'}` : undefined;
  return (
    <ActionButton label="Scale…" spoken={`Scale stage ${stage.stage}…`} title={`Scale stage ${stage.stage}, ${stage.name}`} confirm="Scale" small impossible={impossible} act={act}>
      <p>It has {formatNumberOf(stage.tasks, 'task')}. The job goes on meanwhile, and what comes out stays exact.</p>
      <label class="field">Number of tasks
        <input ref={input} type="number" inputMode="numeric" min={1} max={MAX_TASKS} step={1} required defaultValue={String(stage.tasks)} />
      </label>
    </ActionButton>
  );
}
