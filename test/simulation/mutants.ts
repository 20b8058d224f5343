/**
 * The protocol, broken on purpose, one rule at a time. Each entry changes one place of the source; the simulator must notice.
 */
export interface Mutant {
  /** The rule that is broken. */
  readonly name: string;
  /** Rarely noticed: the first seed that does. */
  readonly seed?: number;
  readonly file: string;
  readonly find: string;
  readonly replace: string;
}

export const MUTANTS: readonly Mutant[] = [
  {
    name: 'ack before the journal has it',
    file: 'src/task/input-intake.ts',
    find: '    journal.append(entry).then(',
    replace: "    receiver.recorded(entry.kind === 'fin' ? entry.sequence + 1 : entry.first + entry.count);\n    journal.append(entry).then(",
  },
  {
    name: 'feed before the journal has it',
    file: 'src/task/input-intake.ts',
    find: '    journal.append(entry).then(',
    replace: "    if (entry.kind === 'frame') { this.#options.feed.accept({ ...entry, receiver, position: journal.end, digest }); this.#options.taken(); }\n    journal.append(entry.kind === 'frame' ? { ...entry, bytes: entry.bytes } : entry).then(",
  },
  {
    name: 'replay in another order',
    file: 'src/task/input-feed.ts',
    find: 'for await (const { position, entry } of journal.read(start)) {',
    replace: 'const all = []; for await (const item of journal.read(start)) if (item.position < end) all.push(item);\n    all.sort((a, b) => (b.entry.kind === "frame" ? b.entry.producer : 0) - (a.entry.kind === "frame" ? a.entry.producer : 0));\n    for (const { position, entry } of all) {',
  },
  {
    name: 'replay forgets the last entry',
    file: 'src/task/input-feed.ts',
    find: 'if (position >= end || attempt.over) break;',
    replace: 'if (position >= end - 1 || attempt.over) break;',
  },
  {
    name: 'outputs numbered by a counter that a restart does not reset',
    file: 'src/wire/out-channel.ts',
    find: '    this.#made = from.sequence;\n    this.#madeDigest = from.digest;',
    replace: '    this.#made = this.#next;\n    this.#madeDigest = this.#digest;',
  },
  {
    name: 'duplicates told by their content',
    file: 'src/wire/in-channel.ts',
    find: '    const known = Math.min(this.#next - first, count);',
    replace: "    const SEEN = ((this as unknown as { seen?: Set<string> }).seen ??= new Set<string>());\n    if (SEEN.has(bytes.toString())) { this.#next = Math.max(this.#next, first + count); return { kind: 'duplicate', rejected: count }; }\n    SEEN.add(bytes.toString());\n    const known = Math.min(this.#next - first, count);",
  },
  {
    name: 'the number of the handshake is no ack',
    file: 'src/wire/out-channel.ts',
    find: '    this.#compare(tuples, ended, digest);\n    this.#dropBelow(expected);\n',
    replace: '    this.#compare(tuples, ended, digest);\n',
  },
  {
    name: 'the handshake answers with what is merely accepted',
    file: 'src/wire/channel-receiver.ts',
    find: "    if (link === undefined || this.#channel.journaled !== this.#channel.accepted) return;",
    replace: '    if (link === undefined) return;\n    this.#channel.recorded(this.#channel.accepted);',
  },
  {
    name: 'a frame that straddles is not trimmed',
    file: 'src/wire/in-channel.ts',
    find: 'const fresh = known === 0 ? bytes : bytes.subarray(this.#skipTuples(bytes, known));',
    replace: 'const fresh = bytes;',
  },
  {
    name: 'the sink acks before it has committed',
    file: 'src/task/sink-task.ts',
    find: '    await this.#commit(sink);\n',
    replace: '',
  },
  {
    name: 'ended channels are forgotten in recovery',
    file: 'src/task/input-journal.ts',
    find: "  if (entry.kind === 'fin') return { ...position, ended: true };",
    replace: "  if (entry.kind === 'fin') return position;",
  },
  {
    name: 'the last line of an operator that was killed is routed',
    file: 'src/task/operator-copy.ts',
    find: '    if (this.#failure !== undefined) events.failed(this.#failure);',
    replace: '    if (this.#failure !== undefined) { this.#guard(() => this.#output.end()); events.failed(this.#failure); }',
  },
  {
    name: 'held frames are dropped when a connection is lost',
    file: 'src/wire/out-channel.ts',
    find: '  disconnected(): void {\n    this.#open = false;',
    replace: '  disconnected(): void {\n    this.#open = false;\n    this.#frames.length = this.#head; this.#cursor = this.#head; this.#heldBytes = 0;',
  },
  {
    name: 'duplicates are not refused',
    file: 'src/wire/in-channel.ts',
    find: "    if (known === count) return { kind: 'duplicate', rejected: known };",
    replace: "    if (known === count) return { kind: 'accepted', first, count, bytes, rejected: 0 };",
  },
  {
    name: 'the digest is not compared, and a replay that differs goes on',
    file: 'src/task/input-feed.ts',
    find: '    for await (const { position, entry } of journal.read(start)) {\n',
    replace: '    for await (const { position, entry } of journal.read(start)) {\n      if (position === 0) continue;\n',
  },
  {
    name: 'a checkpoint is recorded before the outputs before it are acked',
    file: 'src/task/checkpoints.ts',
    find: 'if (offered === undefined || !this.#isAcked(offered)) return;',
    replace: 'if (offered === undefined) return;',
  },
  {
    name: 'the journal is cut beyond the checkpoint',
    file: 'src/task/input-journal.ts',
    find: 'return this.#log.cut(checkpoint.after);',
    replace: 'return this.#log.cut(this.#log.durable);',
  },
  {
    name: 'the journal is cut before the checkpoint is durable',
    file: 'src/task/checkpoints.ts',
    find: '    const made = await journal.record(',
    replace: '    void journal.cut({ ...checkpoint, position: 0, stateBytes: 0 });\n    const made = await journal.record(',
  },
  {
    name: 'cuts are not recorded',
    file: 'src/task/input-feed.ts',
    find: "journal.append({ kind: 'cut' }).then(",
    replace: 'Promise.resolve(this.#fedEnd - 1).then(',
  },
  {
    name: 'a cut behind the end of all input counts',
    seed: 1589,
    file: 'src/task/operator-attempt.ts',
    find: ' || mark.input.every(({ ended }) => ended)) return false;',
    replace: ') return false;',
  },
  {
    name: 'output of a copy is numbered before the copy before it has ended',
    file: 'src/task/operator-attempt.ts',
    find: 'if (!this.#folds && this.#line.length === 1) copy.openOutput();',
    replace: 'if (!this.#folds) copy.openOutput();',
  },
  {
    name: 'a last copy that was fed nothing counts, where a checkpoint is all there was before it',
    file: 'src/task/operator-attempt.ts',
    find: 'this.#hasBefore = options.state !== undefined;',
    replace: 'this.#hasBefore = false;',
  },
  {
    name: 'the state is restored, but not where the output stood',
    file: 'src/task/make-attempt.ts',
    find: 'router.restart(from?.output);',
    replace: 'router.restart(undefined);',
  },
  {
    name: 'the place of the output is restored, but not the state',
    file: 'src/task/make-copy.ts',
    find: "contract === 'snapshot' ? { state }",
    replace: "contract === 'snapshot' ? { state: undefined }",
  },
  {
    name: 'a state is taken for later than it is: output is missing before it',
    file: 'src/task/copy-output.ts',
    find: 'if (answer === undefined || this.#handedOnBytes < answer.outputBytes) return;',
    replace: 'if (answer === undefined) return;',
  },
  {
    name: 'fold releases at a cut',
    file: 'src/task/operator-attempt.ts',
    find: '    const { mark } = first;\n    this.#guard(() => {\n      this.#state = copy.takeKept();',
    replace: '    const { mark } = first;\n    if (mark !== undefined) return copy.openOutput();\n    this.#guard(() => {\n      this.#state = copy.takeKept();',
  },
  {
    name: 'the state of a fold is lost at a restart',
    file: 'src/task/operator-attempt.ts',
    find: 'this.#state = options.state;',
    replace: 'this.#state = undefined;',
  },
  {
    name: 'an attempt that has ended still hands on what it held back',
    seed: 1543,
    file: 'src/task/operator-attempt.ts',
    find: '    if (this.#over) return;\n    this.outlet.router.flushIdle();',
    replace: '    this.outlet.router.flushIdle();',
  },
  {
    name: 'a source records where it is before consumers have acked what was read',
    file: 'src/task/source-checkpoints.ts',
    find: '|| options === undefined || !isAcked(pending.output, options.senders())) return;',
    replace: '|| options === undefined) return;',
  },
  {
    name: 'a source goes on where it was, and its numbers begin anew',
    file: 'src/task/source-task.ts',
    find: 'this.#router.restart(this.#options.recovered?.output);',
    replace: 'this.#router.restart(undefined);',
  },
  {
    name: 'what is repeated is overtaken by what follows, where the consumer answers at once',
    file: 'src/wire/channel-sender.ts',
    find: '    if (this.#announcing) {\n',
    replace: '    if (this.#announcing && answer.windowBytes < 0) {\n',
  },
  {
    name: 'output that is to be held is released before it is recorded',
    file: 'src/task/committed-output.ts',
    find: '    this.#held.push(block);',
    replace: '    return this.#released.route(block);\n    this.#held.push(block);',
  },
  {
    name: 'output is released when it is taken for a checkpoint that may come to nothing',
    file: 'src/task/committed-output.ts',
    find: '    return { output: this.router.position, held: [Buffer.concat(this.#taken.map(({ bytes }) => bytes))] };',
    replace: '    const made = { output: this.router.position, held: [Buffer.concat(this.#taken.map(({ bytes }) => bytes))] };\n    this.release();\n    return made;',
  },
  {
    name: 'what a checkpoint held is not released again after a crash',
    file: 'src/task/committed-output.ts',
    find: '[...recorded.map((bytes) => splitter.push(bytes)), splitter.end()]',
    replace: '[...recorded.slice(1).map((bytes) => splitter.push(bytes)), splitter.end()]',
  },
  {
    name: 'what a checkpoint took that came to nothing is lost',
    file: 'src/task/committed-output.ts',
    find: '    this.#taken = [...this.#taken, ...this.#held.splice(0)];',
    replace: '    this.#taken = this.#held.splice(0);',
  },
  {
    name: 'the end of output that was held is not recorded with it',
    file: 'src/task/operator-task.ts',
    find: 'if (from?.complete === true) return await this.#resumeComplete(from);',
    replace: '',
  },
  {
    name: 'two live attempts: what a deposed one appends counts',
    file: 'src/log/memory-log.ts',
    find: 'if (this.#disk.options.rechecksOwner !== false) this.#assertOwner();',
    replace: '',
  },
  {
    name: 'the end of input is shown before all producers have ended',
    file: 'src/task/input-order.ts',
    find: 'return this.empty && this.#ended.size === this.#producers;',
    replace: 'return this.empty && this.#ended.size > 0;',
  },
  {
    name: 'workers are told before it is written down',
    file: 'src/leader/job-placing.ts',
    find: '        await this.#record();\n',
    replace: '',
  },
  {
    name: 'a task is placed again under its old attempt',
    file: 'src/leader/placement.ts',
    find: 'attempt: lastAttempt(place) + 1 };',
    replace: 'attempt: place.attempt };',
  },
  {
    name: 'what a worker says of an older deployment counts',
    seed: 1544,
    file: 'src/leader/job-run.ts',
    find: 'if (this.#ending || version !== this.#placing.version) return;',
    replace: 'if (this.#ending || version < 0) return;',
  },
  {
    name: 'an older deployment is taken',
    seed: 1801,
    file: 'src/worker/job-host.ts',
    find: 'if (!isNewer || this.#ended) return;',
    replace: 'if (this.#ended || isNewer === undefined) return;',
  },
  {
    name: 'input that comes after a task was stopped is taken',
    file: 'src/task/input-intake.ts',
    find: '    if (over()) return;\n',
    replace: '    over();\n',
  },
  {
    name: 'a source that was stopped records where it is',
    seed: 7713,
    file: 'src/task/source-checkpoints.ts',
    find: '    this.#options = undefined;\n',
    replace: '',
  },
  {
    name: 'what can be read only once is handed on before the journal has it',
    file: 'src/connect/journaled-source.ts',
    find: 'journal.append(block).then(() => this.#offer(block)).catch(',
    replace: 'this.#offer(block);\n      journal.append(block).catch(',
  },
  {
    name: 'the end of what can be read only once is told before the journal has it',
    file: 'src/connect/journaled-source.ts',
    find: '        await journal.end();\n',
    replace: '        void journal.end();\n',
  },
  {
    name: 'the end of what can be read only once is taken for recorded although it is not',
    file: 'src/connect/source-journal.ts',
    find: '    return this.#ended;\n',
    replace: '    return this.#ended || this.#blocks.length > 0;\n',
  },
  {
    name: 'the journal of a source is cut up to its checkpoint, whatever of it is still needed',
    file: 'src/task/source-checkpoints.ts',
    find: 'Math.min(position, this.#firstNeeded(source.offsetBytes))',
    replace: 'position',
  },
  {
    name: 'what was left out stays out, whoever comes back before it',
    seed: 567,
    file: 'src/leader/placement.ts',
    find: 'const wasOver = !before.has(id) && producersOf(topology, task)',
    replace: 'const wasOver = !before.has(id) && producersOf(topology, task).slice(0, 0)',
  },
  {
    name: 'what is left out is not recorded',
    file: 'src/task/poison.ts',
    find: "    await journal.append({ kind: 'skip', skip });\n",
    replace: '',
  },
  {
    name: 'a tuple is left out though consumers have what came of it',
    file: 'src/task/poison-search.ts',
    find: "if (verdict === 'passed') return found;",
    replace: 'if (found >= 0) return found;',
  },
  {
    name: 'a tuple is left out though a consumer cannot say whether it has what came of it',
    file: 'src/task/trial-channels.ts',
    find: "? 'untold' : 'passed';",
    replace: "? 'passed' : 'passed';",
  },
  {
    name: 'what was left out is fed again after the death of a worker',
    file: 'src/task/input-journal.ts',
    find: 'skips: skips.filter(({ position }) => position >= after), skipped };',
    replace: 'skips: [], skipped };',
  },
  {
    name: 'what was left out before a checkpoint is forgotten with its place in the journal',
    seed: 1805,
    file: 'src/task/input-journal.ts',
    find: '        ({ skipped } = entry.checkpoint);\n',
    replace: '',
  },
  {
    name: 'a dead letter is lost with its worker',
    file: 'src/task/operator-task.ts',
    find: '      await this.#poison?.recover();\n',
    replace: '',
  },
];
