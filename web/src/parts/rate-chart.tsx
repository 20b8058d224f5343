/** One chart, painted by uPlot. What it shows is also in the list below it and in the stages above. */
import { useEffect, useRef } from 'preact/hooks';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import type { HistoryView, HistoryPoint } from '../api/types.ts';
import { useColours } from '../theme.ts';
import { paintMarks } from './chart-marks.ts';
import { colour, colourOf, dashOf } from './series-style.ts';

const HEIGHT = 240;
const FONT = '12px system-ui, sans-serif';
const SECOND_MS = 1000;

/** Steps between labels of the time axis, in seconds. */
const TIME_STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 21_600, 43_200, 86_400];

export interface RateChartProps {
  readonly history: HistoryView;
  readonly stages: readonly number[];
  readonly hidden: ReadonlySet<number>;
  readonly of: (point: HistoryPoint['stages'][number], isSource: boolean) => number;
  readonly format: (value: number) => string;
  readonly max: number | undefined;
  readonly label: string;
  /** The number of the point below the pointer, or undefined when it is elsewhere. */
  readonly onCursor: (index: number | undefined) => void;
}

export function RateChart(props: RateChartProps) {
  const place = useRef<HTMLDivElement>(null);
  const chart = useRef<uPlot | undefined>(undefined);
  const latest = useRef(props);
  latest.current = props;
  const colours = useColours();
  const { history, stages, hidden, of, label } = props;
  const shown = stages.join(' ');

  useEffect(() => {
    const parent = place.current;
    if (parent === null) return undefined;
    const made = new uPlot(optionsOf(latest, parent.clientWidth), dataOf(latest.current), parent);
    chart.current = made;
    const observer = new ResizeObserver(() => made.setSize({ width: parent.clientWidth, height: HEIGHT }));
    observer.observe(parent);
    return () => {
      observer.disconnect();
      made.destroy();
      chart.current = undefined;
    };
  }, [colours, shown, label]);
  useEffect(() => chart.current?.setData(dataOf(latest.current)), [history, of]);
  useEffect(() => stages.forEach((stage, index) => chart.current?.setSeries(index + 1, { show: !hidden.has(stage) })), [hidden, shown, colours, label]);
  return <div class="chart" ref={place} role="img" aria-label={label} />;
}

function dataOf({ history: { points }, stages, of }: RateChartProps): uPlot.AlignedData {
  const xs = points.map(({ atMs }) => atMs / SECOND_MS);
  return [xs, ...stages.map((stage) => points.map((point) => {
    const found = point.stages.find((other) => other.stage === stage);
    return found === undefined ? null : of(found, stage === 0);
  }))];
}

function optionsOf(latest: { readonly current: RateChartProps }, width: number): uPlot.Options {
  const { stages, format, max } = latest.current;
  const axis = { stroke: colour('ink-3'), font: FONT, grid: { stroke: colour('line'), width: 1 }, ticks: { stroke: colour('line'), width: 1, size: 4 } };
  return {
    width,
    height: HEIGHT,
    legend: { show: false },
    cursor: { y: false, drag: { x: false, y: false }, points: { size: 6 } },
    scales: { x: { time: true }, y: { range: (_, __, dataMax) => [0, max ?? niceMax(dataMax)] } },
    padding: [18, 8, 0, 0],
    axes: [
      { ...axis, size: 30, space: 80, incrs: TIME_STEPS, values: (_, splits) => splits.map(clockOf) },
      { ...axis, size: 64, values: (_, splits) => splits.map(format) },
    ],
    series: [{}, ...stages.map((stage) => ({ stroke: colourOf(stage), width: 1.75, dash: dashOf(stage), points: { show: false } }))],
    hooks: {
      draw: [(drawn) => paintMarks(drawn, latest.current.history.marks)],
      setCursor: [(drawn) => latest.current.onCursor(drawn.cursor.idx ?? undefined)],
    },
  };
}

/** A little room above the highest line, also where all are 0. */
function niceMax(dataMax: number | null): number {
  return dataMax === null || dataMax <= 0 ? 1 : dataMax * 1.1;
}

function clockOf(seconds: number): string {
  const time = new Date(seconds * SECOND_MS);
  return [time.getHours(), time.getMinutes(), time.getSeconds()].map((part) => String(part).padStart(2, '0')).join(':');
}
