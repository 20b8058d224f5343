/** A task's log: its events, what it put out, what its operator says on stderr, and a search over all of it. */
import { Component } from 'preact';
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { formatExact, formatNumberOf } from '../format.ts';
import { LOG_KINDS, useLog, type LogKind, type LogLine } from '../live/log-feed.ts';

const TAILS = [100, 500, 2_000] as const;

/** So near its end a reader wants to stay there. */
const NEAR_END_PIXELS = 40;

export interface LogPanelProps {
  readonly job: string;
  readonly task: string;
  /** More may come. */
  readonly isLive: boolean;
  readonly host: string;
}

export function LogPanel({ job, task, isLive, host }: LogPanelProps) {
  const [kind, setKind] = useState<LogKind>('all');
  const [search, setSearch] = useState('');
  const [tail, setTail] = useState<number>(TAILS[1]);
  const [wantsToFollow, setWantsToFollow] = useState(true);
  const follows = wantsToFollow && isLive;
  const log = useLog({ job, task, kind, search, tail, follows, host });
  return (
    <section aria-labelledby="log" class="block">
      <div class="block__head">
        <h2 id="log">Log</h2>
        <div class="segments" role="group" aria-label="Which lines">
          {(Object.keys(LOG_KINDS) as LogKind[]).map((key) => <button key={key} type="button" aria-pressed={key === kind} onClick={() => setKind(key)}>{LOG_KINDS[key].name}</button>)}
        </div>
      </div>
      <div class="tools tools--log">
        <SearchForm search={search} onSearch={setSearch} />
        <label class="inline-field">Last <select value={tail} onChange={(event) => setTail(Number(event.currentTarget.value))}>{TAILS.map((count) => <option key={count} value={count}>{formatExact(count)}</option>)}</select> lines</label>
        {isLive ? <label class="inline-field"><input type="checkbox" checked={wantsToFollow} onChange={(event) => setWantsToFollow(event.currentTarget.checked)} /> Follow</label> : null}
      </div>
      {log.refusal === undefined ? null : <div class="notice notice--bad" role="alert"><p>{log.refusal.message}</p>{log.refusal.hint === undefined ? null : <p class="dim">{log.refusal.hint}</p>}</div>}
      <LogLines lines={log.lines} follows={follows} />
      <p class="dim" role="status">{log.refusal !== undefined ? '' : log.isLoading ? 'Asking the leader…' : summary(log.lines.length, log.dropped, search, follows)}</p>
    </section>
  );
}

function SearchForm({ search, onSearch }: { readonly search: string; readonly onSearch: (search: string) => void }) {
  const input = useRef<HTMLInputElement>(null);
  const clear = () => {
    if (input.current !== null) input.current.value = '';
    onSearch('');
  };
  return (
    <form class="search" role="search" onSubmit={(event) => { event.preventDefault(); onSearch(input.current?.value ?? ''); }}>
      <label class="hidden" for="log-search">Search the log, a regular expression</label>
      <input id="log-search" ref={input} type="search" placeholder="search: a regular expression" autocomplete="off" spellcheck={false} />
      <button type="submit" class="button">Search</button>
      {search === '' ? null : <button type="button" class="quiet" onClick={clear}>Clear</button>}
    </form>
  );
}

function summary(count: number, dropped: number, search: string, follows: boolean): string {
  const matching = search === '' ? '' : ` that ${count === 1 ? 'matches' : 'match'}`;
  if (count === 0) return `${search === '' ? 'There is no such line' : 'No line matches'}${follows ? ' so far' : ''}.`;
  return `${formatNumberOf(count, 'line')}${matching}${dropped === 0 ? '' : `; ${formatExact(dropped)} older ones are not shown`}`;
}

function LogLines({ lines, follows }: { readonly lines: readonly LogLine[]; readonly follows: boolean }) {
  const frame = useRef<HTMLDivElement>(null);
  const staysAtEnd = useRef(true);
  useEffect(() => {
    staysAtEnd.current = true;
  }, [follows]);
  useLayoutEffect(() => {
    const { current } = frame;
    if (current !== null && staysAtEnd.current) current.scrollTop = current.scrollHeight;
  }, [lines]);
  const scrolled = (element: HTMLElement) => {
    staysAtEnd.current = element.scrollHeight - element.scrollTop - element.clientHeight < NEAR_END_PIXELS;
  };
  if (lines.length === 0) return null;
  return (
    <div class="log" ref={frame} tabIndex={0} role="region" aria-label="Lines of the log" onScroll={(event) => scrolled(event.currentTarget)}>
      <ol class="log__lines">{lines.map((line) => <Line key={line.number} line={line} />)}</ol>
    </div>
  );
}

const PARTS = /^(\d{4}-\d\d-\d\dT(\d\d:\d\d:\d\d\.\d{3})Z) ([A-Z]+) (.*)$/;

/** Those events that mean trouble are seen among the others. */
const TROUBLE: ReadonlySet<string> = new Set(['KILLED', 'FAILED', 'STALLED', 'RESTART', 'SKIP', 'REJECTED', 'STDERR']);

class Line extends Component<{ readonly line: LogLine }> {
  override shouldComponentUpdate(next: { readonly line: LogLine }): boolean {
    return next.line !== this.props.line;
  }

  override render() {
    const { text } = this.props.line;
    const [, time, clock, event = '', details] = PARTS.exec(text) ?? [];
    if (time === undefined) return <li class="log__line">{text}</li>;
    return <li class="log__line"><time class="log__time" dateTime={time} title={time}>{clock}</time> <span class={`log__event${TROUBLE.has(event) ? ' log__event--trouble' : ''}`}>{event}</span> <span class="log__text">{details}</span></li>;
  }
}
