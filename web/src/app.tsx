/** The frame around every view: name, navigation, how the page stands with the leader, colours. */
import { useEffect, useRef } from 'preact/hooks';
import { useLink } from './live/link.ts';
import { LinkBar, LinkState } from './parts/link-state.tsx';
import { LogOut } from './parts/log-out.tsx';
import { ThemeButton } from './parts/theme-button.tsx';
import { Toasts } from './parts/toasts.tsx';
import { JOBS_LINK, WORKERS_LINK, useRoute, type Route } from './route.ts';
import { ExpiredView } from './views/expired-view.tsx';
import { JobView } from './views/job-view.tsx';
import { JobsView } from './views/jobs-view.tsx';
import { TaskView } from './views/task-view.tsx';
import { UnknownView } from './views/unknown-view.tsx';
import { WorkersView } from './views/workers-view.tsx';

export function App() {
  const route = useRoute();
  const link = useLink();
  const main = useMoveFocus(route);
  const isExpired = link.state === 'expired';
  return (
    <>
      <a class="skip" href="#main" onClick={(event) => { event.preventDefault(); main.current?.focus(); }}>Skip to the content</a>
      <header class="top">
        <a class="brand" href={JOBS_LINK}><Mark /> RainStorm</a>
        <nav class="nav" aria-label="Views">
          <a href={JOBS_LINK} aria-current={route.view === 'workers' ? undefined : 'page'}>Jobs</a>
          <a href={WORKERS_LINK} aria-current={route.view === 'workers' ? 'page' : undefined}>Workers</a>
        </nav>
        <div class="top__end">
          <LinkState link={link} />
          <ThemeButton />
          {isExpired ? null : <LogOut />}
        </div>
      </header>
      <LinkBar link={link} />
      <main class="main" id="main" tabIndex={-1} ref={main}>{isExpired ? <ExpiredView /> : <View route={route} />}</main>
      <footer class="foot"><a href="/docs">API</a></footer>
      <Toasts />
    </>
  );
}

function View({ route }: { readonly route: Route }) {
  switch (route.view) {
    case 'jobs': return <JobsView />;
    case 'workers': return <WorkersView />;
    case 'job': return <JobView key={route.job} job={route.job} />;
    case 'task': return <TaskView key={`${route.job} ${route.task}`} job={route.job} task={route.task} />;
    case 'unknown': return <UnknownView />;
  }
}

/** Where a link leads to another view, who reads by ear or moves by keyboard goes on at its beginning. */
function useMoveFocus(route: Route) {
  const main = useRef<HTMLElement>(null);
  const before = useRef(JSON.stringify(route));
  useEffect(() => {
    const now = JSON.stringify(route);
    if (now === before.current) return;
    before.current = now;
    main.current?.focus({ preventScroll: true });
    scrollTo(0, 0);
  }, [route]);
  return main;
}

function Mark() {
  return (
    <svg class="brand__mark" viewBox="0 0 32 32" aria-hidden="true">
      <rect width="32" height="32" rx="7" />
      <path d="M11 8 8 17M18 8l-5 16M25 8l-3 9" />
    </svg>
  );
}
