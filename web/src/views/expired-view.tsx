/** There is no session any more: what to do, and nothing else. */
import { useEffect } from 'preact/hooks';
import { call } from '../api/call.ts';
import { noteFailure } from '../live/link.ts';
import { useTitle } from '../title.ts';

export function ExpiredView() {
  useTitle('Session expired');
  useEffect(() => {
    // Another tab may have logged in meanwhile: the cookie is this one's, too.
    const look = () => {
      if (!document.hidden) void tryAgain(false);
    };
    document.addEventListener('visibilitychange', look);
    return () => document.removeEventListener('visibilitychange', look);
  }, []);
  return (
    <div class="lone">
      <h1>The session has expired</h1>
      <p>Run this where the leader runs, for a new link:</p>
      <pre><code>rainstorm dashboard</code></pre>
      <p class="dim">A session ends when you log out, after some time, and with the leader.</p>
      <p><button type="button" class="button" onClick={() => void tryAgain(true)}>I have opened the link</button></p>
    </div>
  );
}

async function tryAgain(reloads: boolean): Promise<void> {
  try {
    await call('/v1/jobs');
    location.reload();
  } catch (error) {
    noteFailure(error);
    if (reloads) location.reload();
  }
}
