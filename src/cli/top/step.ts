/**
 * What a key, or a piece of news, changes. A function of nothing but the state and what came: `effects` are for the shell
 * around it to carry out, which tells what became of them as news.
 */
import { taskId } from '../../job/task-id.ts';
import { answerPrompt, askKill, askScale } from './prompts.ts';
import { growLog, logKey } from './log-keys.ts';
import type { News, Step } from './news.ts';
import { listedTasks, selectedTask, type Shown, type State } from './state.ts';
import { nextSort } from './task-order.ts';

export function step(state: State, news: News): Step {
  if (news.kind === 'key') return keyStep({ ...state, message: undefined }, news.key);
  return { state: told(state, news), effects: [] };
}

function told(state: State, news: Exclude<News, { readonly kind: 'key' }>): State {
  switch (news.kind) {
    case 'size':
      return { ...state, rows: news.rows, columns: news.columns };
    case 'jobs':
      return { ...state, jobs: news.jobs, selectedJob: kept(state.jobs?.map(({ job }) => job) ?? [], news.jobs.map(({ job }) => job), state.selectedJob) };
    case 'shown':
      return withTasks(state, news.shown);
    case 'gone':
      return { ...state, gone: { sinceMs: state.gone?.sinceMs ?? news.atMs, why: news.why } };
    case 'workers':
      return { ...state, workers: news.workers };
    case 'log':
      return state.log?.task === news.task ? { ...state, log: growLog(state.log, news.lines) } : state;
    case 'log-ended':
      return state.log?.task === news.task ? { ...state, log: { ...state.log, ended: true } } : state;
    case 'message':
      return { ...state, message: news.message };
  }
}

/** Whatever comes and goes, the user stays on the same task, or at least at the same place. */
function withTasks(state: State, shown: Shown): State {
  const next = { ...state, shown, gone: undefined };
  const before = listedTasks(state).map(taskId);
  return { ...next, selectedTask: kept(before, listedTasks(next).map(taskId), state.selectedTask) };
}

function kept(before: readonly string[], now: readonly string[], selected: string | undefined): string | undefined {
  if (selected !== undefined && now.includes(selected)) return selected;
  const place = selected === undefined ? 0 : Math.max(0, before.indexOf(selected));
  return now[Math.min(place, now.length - 1)];
}

function keyStep(state: State, key: string): Step {
  if (key === 'ctrl-c') return { state, effects: [{ kind: 'quit' }] };
  if (key === 'ctrl-z') return { state, effects: [{ kind: 'suspend' }] };
  if (state.prompt !== undefined) return answerPrompt(state, state.prompt, key);
  if (state.screen === 'log') return logKey(state, key);
  if (key === 'q') return { state, effects: [{ kind: 'quit' }] };
  if (state.screen === 'jobs') return jobsKey(state, key);
  if (state.screen === 'workers') return workersKey(state, key);
  return jobKey(state, key);
}

function jobsKey(state: State, key: string): Step {
  const names = state.jobs?.map(({ job }) => job) ?? [];
  if (key === 'return' || key === 'right') {
    if (state.selectedJob === undefined) return still(state);
    return { state: { ...state, screen: 'job', shown: undefined, gone: undefined, onlyStage: undefined, selectedTask: undefined }, effects: [{ kind: 'choose', job: state.selectedJob }] };
  }
  return still({ ...state, selectedJob: moved(names, state.selectedJob, key, state.rows) });
}

function workersKey(state: State, key: string): Step {
  if (key === 'escape' || key === 'w' || key === 'left') return still({ ...state, screen: 'job' });
  const count = Array.isArray(state.workers) ? state.workers.length : 0;
  const places = Array.from({ length: count }, (_, place) => String(place));
  return still({ ...state, firstWorker: Number(moved(places, String(state.firstWorker), key, state.rows) ?? 0) });
}

function jobKey(state: State, key: string): Step {
  const task = selectedTask(state);
  switch (key) {
    case 'escape':
      return state.jobs === undefined ? still({ ...state, onlyStage: undefined }) : { state: { ...state, screen: 'jobs' }, effects: [{ kind: 'choose', job: undefined }] };
    case 'left':
    case 'right':
      return still(onStage(state, key === 'left' ? -1 : 1));
    case 'o':
      return still({ ...state, sort: nextSort(state.sort) });
    case 'r':
      return still({ ...state, sort: { ...state.sort, descending: !state.sort.descending } });
    case 'k':
      return still(askKill(state, task));
    case 's':
      return still(askScale(state));
    case 'w':
      return { state: { ...state, screen: 'workers', workers: undefined, firstWorker: 0 }, effects: [{ kind: 'look-at-workers' }] };
    case 'l':
    case 'return':
      if (task === undefined) return still(state);
      return { state: { ...state, screen: 'log', log: { task: taskId(task), lines: [], forgotten: 0, last: undefined, ended: false } }, effects: [{ kind: 'open-log', task: taskId(task) }] };
    default:
      return still({ ...state, selectedTask: moved(listedTasks(state).map(taskId), state.selectedTask, key, state.rows) });
  }
}

/** All stages, then the first alone, the second, …, and all again. */
function onStage(state: State, direction: -1 | 1): State {
  const stages = [undefined, ...(state.shown?.view.stages.map(({ stage }) => stage) ?? [])];
  const place = (stages.indexOf(state.onlyStage) + direction + stages.length) % stages.length;
  const next = { ...state, onlyStage: stages[place] };
  const listed = listedTasks(next).map(taskId);
  return { ...next, selectedTask: listed.includes(state.selectedTask ?? '') ? state.selectedTask : listed[0] };
}

/** Rows of a screen that are no list. */
const FRAME_ROWS = 8;

/** Where a key leads in a list; the same for one that leads nowhere. */
function moved(list: readonly string[], selected: string | undefined, key: string, rows: number): string | undefined {
  const page = Math.max(1, rows - FRAME_ROWS);
  const by: Readonly<Record<string, number>> = { up: -1, down: 1, pageup: -page, pagedown: page, home: -list.length, end: list.length };
  const at = Math.max(0, list.indexOf(selected ?? '')) + (by[key] ?? 0);
  return list[Math.min(Math.max(0, at), list.length - 1)];
}

function still(state: State): Step {
  return { state, effects: [] };
}
