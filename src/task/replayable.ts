import type { InputJournal, JournalEntry, RecordedCheckpoint } from './input-journal.ts';

/** The entries of a journal behind a checkpoint, or from the first, that lie before position `end`. Rejects as `InputJournal.read`. */
export async function* replayable(journal: InputJournal, from: RecordedCheckpoint | undefined, end: number): AsyncGenerator<{ readonly position: number; readonly entry: JournalEntry }> {
  const start = from?.after ?? 0;
  if (end <= start) return;
  for await (const { position, entry } of journal.read(start)) {
    if (position >= end) return;
    yield { position, entry };
  }
}
