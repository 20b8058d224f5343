/** What happens to a simulated job, counted: a kind of fault that never occurs proves nothing. */
const FAULTS = [
  'operatorCrashes', 'neighboursCrashed', 'workerDeaths', 'workersDiedTogether', 'freezes', 'zombies', 'zombieThaws',
  'crashesInRecovery', 'crashesAtEnd', 'leaderDeaths', 'leadersDeposed', 'deposedCalls', 'blackouts',
  'cuts', 'stalls', 'halfFrames', 'tornTails', 'lostTails', 'callsLost', 'callsLate', 'answersLost', 'oldCallsRefused',
  // Of sources that can be read only once: those that went on from their journal alone, and those that could not.
  'reread', 'refused',
  // Of tasks that had left out a tuple, and jobs that fail since none can be left out for certain.
  'deathsBehindSkips', 'notLeftOut',
  'rescalesAsked', 'rescalesRefused',
] as const;

export type Fault = (typeof FAULTS)[number];

export class Faults {
  readonly counts = Object.fromEntries(FAULTS.map((fault) => [fault, 0])) as Record<Fault, number>;

  count(fault: Fault): void {
    this.counts[fault] += 1;
  }
}
