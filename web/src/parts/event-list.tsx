/** What happened to a job, the newest first. */
import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import type { Mark } from '../api/types.ts';
import { formatTime } from '../format.ts';
import { nameOfTask } from '../live/job-picture.ts';
import { linkToTask } from '../route.ts';

/** Enough to see what just happened; all are there on request. */
const FEW = 12;

/** A word for each kind, whose first letter marks it in the charts. */
const MARK_WORDS: Readonly<Record<Mark['kind'], string>> = { restart: 'Restart', kill: 'Kill', worker: 'Worker', scale: 'Scale', state: 'State', advice: 'Advice' };

export function EventList({ job, marks, nowMs }: { readonly job: string; readonly marks: readonly Mark[]; readonly nowMs: number }) {
  const [showsAll, setShowsAll] = useState(false);
  const newestFirst = marks.toReversed();
  const shown = showsAll ? newestFirst : newestFirst.slice(0, FEW);
  return (
    <section aria-labelledby="events" class="block">
      <div class="block__head"><h2 id="events">Events</h2></div>
      {marks.length === 0 ? <p class="empty">Nothing has happened to it so far: no restart, no kill, no change in its numbers of tasks.</p> : null}
      <ol class="events">{shown.map((mark, index) => <Event key={marks.length - index} job={job} mark={mark} nowMs={nowMs} />)}</ol>
      {marks.length > FEW ? <button type="button" class="quiet" onClick={() => setShowsAll(!showsAll)}>{showsAll ? 'Show the newest' : `Show all ${marks.length}`}</button> : null}
    </section>
  );
}

function Event({ job, mark, nowMs }: { readonly job: string; readonly mark: Mark; readonly nowMs: number }) {
  return (
    <li class="event">
      <time class="event__time num" dateTime={new Date(mark.atMs).toISOString()}>{formatTime(mark.atMs, nowMs)}</time>
      <span class={`tag tag--${mark.kind}`}>{MARK_WORDS[mark.kind]}</span>
      <span class="event__text">{linked(job, mark)}</span>
    </li>
  );
}

/** The text, in which the name of the task leads to it. */
function linked(job: string, { text, stage, index }: Mark): ComponentChildren {
  const task = stage === undefined || index === undefined ? undefined : nameOfTask({ stage, index });
  const at = task === undefined ? -1 : text.search(new RegExp(`\\b${task}\\b`));
  if (task === undefined || at === -1) return text;
  return <>{text.slice(0, at)}<a class="num" href={linkToTask(job, task)}>{task}</a>{text.slice(at + task.length)}</>;
}
