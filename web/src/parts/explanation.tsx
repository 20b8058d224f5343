/** What limits the job, in one sentence, with what speaks for it. */
import { formatSentence } from '../format.ts';
import type { ExplainView } from '../api/types.ts';

export function ExplanationNotice({ explanation }: { readonly explanation: ExplainView }) {
  return (
    <section class="explain" aria-labelledby="explain">
      <h2 id="explain" class="explain__head">What limits it</h2>
      <p class="explain__sentence">{formatSentence(explanation.sentence)}</p>
      {explanation.evidence.length === 0 ? null : (
        <details>
          <summary>Evidence</summary>
          <ul>{explanation.evidence.map((line) => <li key={line}>{formatSentence(line)}</li>)}</ul>
        </details>
      )}
    </section>
  );
}
