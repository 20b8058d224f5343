import { JOBS_LINK } from '../route.ts';
import { useTitle } from '../title.ts';

export function UnknownView() {
  useTitle('Not found');
  return <div class="lone"><h1>There is no such page</h1><p>Go to <a href={JOBS_LINK}>the jobs</a>.</p></div>;
}
