/** What was planned: each stage's program, key, contract and journal. */
import type { PlanStage, PlanView } from '../api/types.ts';

const BY_WORDS: Readonly<Record<PlanStage['contractBy'], string>> = { declared: 'declared', known: 'known of the operator', assumed: 'assumed, not checked' };

export function PlanTable({ plan }: { readonly plan: PlanView }) {
  return (
    <section aria-labelledby="plan" class="block">
      <div class="block__head"><h2 id="plan">Plan</h2></div>
      <dl class="ends"><div><dt>Source</dt><dd>{plan.source}</dd></div><div><dt>Sink</dt><dd>{plan.sink}</dd></div></dl>
      <div class="table-frame" role="region" tabIndex={0} aria-labelledby="plan">
        <table class="plan">
          <thead><tr><th scope="col">Stage</th><th scope="col">Program</th><th scope="col">Key</th><th scope="col">Contract</th><th scope="col">Journal</th><th scope="col">Can be scaled</th></tr></thead>
          <tbody>{plan.stages.map((stage) => <PlanRow key={stage.stage} stage={stage} />)}</tbody>
        </table>
      </div>
    </section>
  );
}

function PlanRow({ stage }: { readonly stage: PlanStage }) {
  return (
    <tr>
      <th scope="row"><span class="num">{stage.stage}</span> {stage.name}</th>
      <td><code class="wrap">{stage.program}</code>{stage.fusedFrom.length === 0 ? null : <div class="dim">fused of {stage.fusedFrom.join(', ')}</div>}</td>
      <td>{stage.key ?? <span class="dim">none</span>}</td>
      <td>{stage.contract}<div class="dim">{BY_WORDS[stage.contractBy]}</div></td>
      <td>{stage.journal.kept ? 'kept' : 'none'}<div class="dim">{stage.journal.why}</div></td>
      <td>{stage.scalable.ok ? 'yes' : 'no'}{stage.scalable.why === undefined ? null : <div class="dim">{stage.scalable.why}</div>}</td>
    </tr>
  );
}
