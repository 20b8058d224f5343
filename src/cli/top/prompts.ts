/** What is asked before anything is done to a job. */
import { MAX_TASKS_PER_STAGE } from '../../base/limits.ts';
import { taskId } from '../../job/task-id.ts';
import { isEnded, selectedStage, type Prompt, type State, type TaskView } from './state.ts';
import type { Step } from './news.ts';

const MAX_DIGITS = String(MAX_TASKS_PER_STAGE).length;

export function askKill(state: State, task: TaskView | undefined): State {
  if (task === undefined || state.shown === undefined) return state;
  if (isEnded(state.shown)) return failed(state, 'the job has ended');
  if (isEnd(state, task.stage)) return failed(state, `task ${taskId(task)} is the ${task.name}, which has no operator that could be killed`);
  if (task.pid === null) return failed(state, `task ${taskId(task)} has no operator that runs`);
  return { ...state, prompt: { kind: 'kill', task } };
}

export function askScale(state: State): State {
  const stage = selectedStage(state);
  if (stage === undefined || state.shown === undefined) return state;
  if (isEnded(state.shown)) return failed(state, 'the job has ended');
  if (isEnd(state, stage.stage)) return failed(state, `stage ${stage.stage} is the ${stage.name}, which cannot be scaled`);
  return { ...state, prompt: { kind: 'scale', stage: stage.stage, name: stage.name, tasks: stage.tasks, text: '' } };
}

/** Only a `y` kills, and only a number scales; whatever else is not meant for the question ends it. */
export function answerPrompt(state: State, prompt: Prompt, key: string): Step {
  const without = { ...state, prompt: undefined };
  if (prompt.kind === 'kill') {
    if (key !== 'y' && key !== 'Y') return { state: { ...without, message: { kind: 'said', text: 'nothing was killed' } }, effects: [] };
    return { state: without, effects: [{ kind: 'kill', task: taskId(prompt.task) }] };
  }
  if (/^\d$/.test(key)) return { state: { ...state, prompt: { ...prompt, text: (prompt.text + key).slice(0, MAX_DIGITS) } }, effects: [] };
  if (key === 'backspace') return { state: { ...state, prompt: { ...prompt, text: prompt.text.slice(0, -1) } }, effects: [] };
  if (key !== 'return' || prompt.text === '') return { state: { ...without, message: { kind: 'said', text: 'nothing was changed' } }, effects: [] };
  const tasks = Number(prompt.text);
  if (tasks < 1 || tasks > MAX_TASKS_PER_STAGE) return { state: failed({ ...state, prompt: { ...prompt, text: '' } }, `a stage has 1 to ${MAX_TASKS_PER_STAGE} tasks`), effects: [] };
  return { state: without, effects: [{ kind: 'scale', stage: prompt.stage, tasks }] };
}

/** The source or the sink. */
function isEnd({ shown }: State, stage: number): boolean {
  return stage === 0 || stage === shown?.view.stages.at(-1)?.stage;
}

function failed(state: State, text: string): State {
  return { ...state, message: { kind: 'failed', text } };
}
