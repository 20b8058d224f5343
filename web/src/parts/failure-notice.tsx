/** Why a job has failed, in the leader's words and the operator's last ones. */
import type { JobView } from '../api/types.ts';
import { formatSentence } from '../format.ts';

export function FailureNotice({ failure }: { readonly failure: NonNullable<JobView['failure']> }) {
  return (
    <div class="notice notice--bad">
      <p><strong>{formatSentence(failure.message)}</strong></p>
      {failure.hint === undefined ? null : <p>{failure.hint}</p>}
      {failure.stderr.length === 0 ? null : (
        <>
          <p class="dim">Its last lines on stderr:</p>
          <pre class="stderr" tabIndex={0} role="region" aria-label="Last lines on stderr">{failure.stderr.join('\n')}</pre>
        </>
      )}
    </div>
  );
}

/** What may make the result another than was meant, and what is good to know. */
export function Remarks({ view }: { readonly view: JobView }) {
  const skipped = view.skippedTuples === 0 ? [] : [`${view.skippedTuples} tuple${view.skippedTuples === 1 ? ' was' : 's were'} left out; ${view.skippedTuples === 1 ? 'it is' : 'they are'} in ${view.deadLetters}`];
  const notes = [...skipped, ...view.notes];
  const remarks = [...view.scaleAdvice, ...view.remarks];
  return (
    <>
      {notes.length === 0 ? null : <ul class="notice notice--warn plain">{notes.map((note) => <li key={note}>{formatSentence(note)}</li>)}</ul>}
      {remarks.length === 0 ? null : <ul class="notice plain">{remarks.map((remark) => <li key={remark}>{formatSentence(remark)}</li>)}</ul>}
    </>
  );
}
