/**
 * One commit for all logs of a store: what they wrote meanwhile is made durable together, and the next round begins as soon
 * as the last one ended. There is no timer: a lone append waits for nobody, and under load rounds grow by themselves.
 */

/** Of the four threads that Node has for file work; the others go on writing what the next round will sync. */
const SYNCS_AT_ONCE = 2;

export interface Committed {
  /** Makes durable what was written before the call, and confirms it. Never rejects: it deals with its own failures. */
  commit(): Promise<void>;
}

export class GroupCommit {
  readonly #waiting = new Set<Committed>();
  #running = false;

  /** To be called after each write that is to be made durable. */
  enlist(member: Committed): void {
    this.#waiting.add(member);
    if (!this.#running) void this.#run();
  }

  async #run(): Promise<void> {
    this.#running = true;
    while (this.#waiting.size > 0) {
      const round = [...this.#waiting].values();
      this.#waiting.clear();
      await Promise.all(Array.from({ length: SYNCS_AT_ONCE }, () => commitEach(round)));
    }
    this.#running = false;
  }
}

async function commitEach(members: Iterator<Committed>): Promise<void> {
  for (let { value, done } = members.next(); done !== true; { value, done } = members.next()) await (value as Committed).commit();
}
