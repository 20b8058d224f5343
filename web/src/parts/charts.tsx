/** Rates of a job's stages over time, with what happened to it marked in them. */
import { useState } from 'preact/hooks';
import type { HistoryView, HistoryPoint, JobView } from '../api/types.ts';
import { formatBytes, formatPercent, formatRate, formatTime } from '../format.ts';
import { MARKS_LEGEND } from './chart-marks.ts';
import { RateChart } from './rate-chart.tsx';
import { SERIES_COUNT } from './series-style.ts';

type StagePoint = HistoryPoint['stages'][number];

interface Measure {
  readonly name: string;
  readonly of: (point: StagePoint, isSource: boolean) => number;
  readonly format: (value: number) => string;
  /** Of the scale, where it is known beforehand. */
  readonly max?: number;
}

const MEASURES = {
  rate: { name: 'Tuples in', of: (point, isSource) => (isSource ? point.outRate : point.inRate), format: formatRate },
  out: { name: 'Tuples out', of: (point) => point.outRate, format: formatRate },
  busy: { name: 'Busy', of: (point) => point.busyShare, format: formatPercent, max: 1 },
  blocked: { name: 'Blocked', of: (point) => point.blockedShare, format: formatPercent, max: 1 },
  backlog: { name: 'Backlog', of: (point) => point.backlogBytes, format: formatBytes },
  tasks: { name: 'Tasks', of: (point) => point.tasks, format: (value: number) => String(Math.round(value)) },
} as const satisfies Record<string, Measure>;
type MeasureName = keyof typeof MEASURES;

export interface ChartsProps {
  readonly history: HistoryView;
  readonly stages: JobView['stages'];
  /** The job has ended. */
  readonly isOver: boolean;
}

export function Charts({ history, stages, isOver }: ChartsProps) {
  const [name, setName] = useState<MeasureName>('rate');
  const [hidden, setHidden] = useState<ReadonlySet<number>>(new Set());
  const [cursor, setCursor] = useState<number | undefined>();
  const measure: Measure = MEASURES[name];
  // Source and sink have rates and a number of tasks, and nothing else.
  const drawn = name === 'rate' || name === 'out' ? stages : stages.slice(1, -1);
  const toggle = (stage: number) => setHidden(new Set(hidden.has(stage) ? [...hidden].filter((other) => other !== stage) : [...hidden, stage]));
  const point = history.points[cursor ?? history.points.length - 1];
  return (
    <section aria-labelledby="charts" class="block charts">
      <div class="block__head">
        <h2 id="charts">Over time</h2>
        <div class="segments" role="group" aria-label="What is drawn">
          {(Object.keys(MEASURES) as MeasureName[]).map((key) => <button key={key} type="button" aria-pressed={key === name} onClick={() => setName(key)}>{MEASURES[key].name}</button>)}
        </div>
      </div>
      {history.points.length < 2 ? <p class="empty">{isOver ? 'It was over too soon for a line: rates are taken each second.' : 'There is a line as soon as the job has run for two seconds.'}</p> : (
        <RateChart history={history} stages={drawn.map(({ stage }) => stage)} hidden={hidden} of={measure.of} format={measure.format} max={measure.max} label={`${measure.name} of each stage over time`} onCursor={setCursor} />
      )}
      <ul class="series">
        {drawn.map(({ stage, name: stageName }) => {
          const value = point?.stages.find((other) => other.stage === stage);
          return (
            <li key={stage}>
              <button type="button" class={`series__item series--${stage % SERIES_COUNT}`} aria-pressed={!hidden.has(stage)} onClick={() => toggle(stage)}>
                <svg class="series__line" viewBox="0 0 24 4" aria-hidden="true"><path d="M0 2h24" /></svg>
                <span class="series__name"><span class="num">{stage}</span> {stageName}</span>
                <span class="num">{value === undefined ? '' : measure.format(measure.of(value, stage === 0))}</span>
              </button>
            </li>
          );
        })}
        <li class="series__when num dim">{cursor === undefined || point === undefined ? (isOver ? 'at its end' : 'now') : formatTime(point.atMs, Date.now())}</li>
      </ul>
      {history.marks.length === 0 || history.points.length < 2 ? null : <p class="dim">Marks: {MARKS_LEGEND}. What each was is among the events.</p>}
    </section>
  );
}
