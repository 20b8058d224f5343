/** Ends the session of this browser. */
import { call } from '../api/call.ts';
import { linkIs, noteFailure } from '../live/link.ts';

export function LogOut() {
  const logOut = async () => {
    try {
      await call('/v1/logout', { method: 'POST' });
      linkIs.expired();
    } catch (error) {
      noteFailure(error);
    }
  };
  return <button type="button" class="quiet" onClick={() => void logOut()}>Log out</button>;
}
