/** What may come, from the keyboard or a leader, and what is to be done about it. */
import type { JobRow, Message, Shown, State, WorkerView } from './state.ts';

export type News =
  /** `up`, `pagedown`, `return`, `escape`, `backspace`, `ctrl-c` …, or the character. */
  | { readonly kind: 'key'; readonly key: string }
  | { readonly kind: 'size'; readonly rows: number; readonly columns: number }
  | { readonly kind: 'jobs'; readonly jobs: readonly JobRow[] }
  | { readonly kind: 'shown'; readonly shown: Shown }
  | { readonly kind: 'gone'; readonly atMs: number; readonly why: string }
  | { readonly kind: 'workers'; readonly workers: readonly WorkerView[] | { readonly missing: string } }
  | { readonly kind: 'log'; readonly task: string; readonly lines: readonly string[] }
  | { readonly kind: 'log-ended'; readonly task: string }
  | { readonly kind: 'message'; readonly message: Message | undefined };

export type Effect =
  | { readonly kind: 'quit' }
  | { readonly kind: 'suspend' }
  /** Another job is to be looked at, or the list of them again. */
  | { readonly kind: 'choose'; readonly job: string | undefined }
  | { readonly kind: 'look-at-workers' }
  | { readonly kind: 'kill'; readonly task: string }
  | { readonly kind: 'scale'; readonly stage: number; readonly tasks: number }
  | { readonly kind: 'open-log'; readonly task: string }
  | { readonly kind: 'close-log' };

export interface Step {
  readonly state: State;
  readonly effects: readonly Effect[];
}
