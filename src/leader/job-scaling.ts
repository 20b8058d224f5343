/** What is said and done about the numbers of one job's tasks, for whoever wants to know. */
import { invariant } from '../base/errors.ts';
import type { ScaleRecord } from '../control/views.ts';

/** What somebody has decided. */
export type ScaleChange = Pick<ScaleRecord, 'stage' | 'from' | 'to' | 'reason'>;

export type ScalingEvent =
  /** As it stands now: once when it is begun, and once when it has ended. */
  | { readonly kind: 'scale'; readonly record: ScaleRecord }
  /** How many tasks a stage should have, in words; nothing is done about it. */
  | { readonly kind: 'advice'; readonly stage: number; readonly text: string };

/** Everybody who asks for the job gets them: enough for an hour with a change a minute, and some kilobytes. */
const MAX_RECORDS = 100;

export class JobScaling {
  #records: ScaleRecord[] = [];
  #count = 0;
  readonly #advice = new Map<number, string>();
  readonly #listeners = new Set<(event: ScalingEvent) => void>();

  /** The oldest first. Of many the oldest are gone, but for those that are under way. */
  get records(): readonly ScaleRecord[] {
    return this.#records;
  }

  /** The last word on each stage that has not been given what it should have, in their order. */
  advice(): string[] {
    return [...this.#advice].toSorted(([a], [b]) => a - b).map(([, text]) => text);
  }

  /** Whether a change of this stage was begun and has not ended. */
  isUnderWay(stage: number): boolean {
    return this.#records.some((record) => record.stage === stage && record.outcome === 'begun');
  }

  advise(stage: number, text: string): void {
    this.#advice.set(stage, text);
    this.#tell({ kind: 'advice', stage, text });
  }

  /** Gives the number of the record. `now` of the wall clock. */
  begin(change: ScaleChange, now: Date): number {
    this.#count += 1;
    const { stage, from, to, reason } = change;
    this.#records.push({ number: this.#count, at: now.toISOString(), stage, from, to, reason, outcome: 'begun' });
    this.#forget();
    this.#advice.delete(stage);
    this.#tellOf(this.#count);
    return this.#count;
  }

  done(number: number): void {
    this.#end(number, { outcome: 'done' });
  }

  refused(number: number, why: string): void {
    this.#end(number, { outcome: 'refused', why });
  }

  /** Calls it with everything from now on; gives the way to end that. */
  listen(listener: (event: ScalingEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  #end(number: number, how: Pick<ScaleRecord, 'outcome' | 'why'>): void {
    this.#records = this.#records.map((record) => (record.number === number ? { ...record, ...how } : record));
    this.#tellOf(number);
  }

  #forget(): void {
    if (this.#records.length <= MAX_RECORDS) return;
    const oldest = this.#records.findIndex(({ outcome }) => outcome !== 'begun');
    if (oldest !== -1) this.#records.splice(oldest, 1);
  }

  #tellOf(number: number): void {
    const record = this.#records.find((one) => one.number === number);
    invariant(record !== undefined, `change ${number} is still known`);
    this.#tell({ kind: 'scale', record });
  }

  #tell(event: ScalingEvent): void {
    for (const listener of this.#listeners) listener(event);
  }
}
