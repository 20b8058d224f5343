/**
 * The protocol, broken on purpose, one rule at a time. Each entry changes one place of the source; the simulator must notice.
 */
export interface Mutant {
  /** The rule that is broken. */
  readonly name: string;
  readonly file: string;
  readonly find: string;
  readonly replace: string;
}

export const MUTANTS: readonly Mutant[] = [
  {
    name: 'ack before the journal has it',
    file: 'src/task/operator-task.ts',
    find: '    journal.append(entry).then(',
    replace: "    receiver.recorded(entry.kind === 'fin' ? entry.sequence + 1 : entry.first + entry.count);\n    journal.append(entry).then(",
  },
  {
    name: 'feed before the journal has it',
    file: 'src/task/operator-task.ts',
    find: '    journal.append(entry).then(',
    replace: "    if (entry.kind === 'frame') this.#attempt?.feed(entry.bytes, () => undefined);\n    journal.append(entry.kind === 'frame' ? { ...entry, bytes: entry.bytes } : entry).then(",
  },
  {
    name: 'replay in another order',
    file: 'src/task/operator-attempt.ts',
    find: 'for await (const { position, entry } of journal.read()) {',
    replace: 'const all = []; for await (const item of journal.read()) if (item.position < end) all.push(item);\n    all.sort((a, b) => (b.entry.kind === "frame" ? b.entry.producer : 0) - (a.entry.kind === "frame" ? a.entry.producer : 0));\n    for (const { position, entry } of all) {',
  },
  {
    name: 'replay forgets the last entry',
    file: 'src/task/operator-attempt.ts',
    find: 'if (position >= end || this.#over) break;',
    replace: 'if (position >= end - 1 || this.#over) break;',
  },
  {
    name: 'outputs numbered by a counter that a restart does not reset',
    file: 'src/wire/out-channel.ts',
    find: '    this.#made = 0;\n    this.#madeDigest = 0;',
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
    name: 'what was read after a kill is routed',
    file: 'src/task/operator-attempt.ts',
    find: "      if (exit !== undefined) return { kind: 'crashed', exit, early };",
    replace: "      if (exit !== undefined) { this.#guard(() => this.#route(this.#splitter.end())); return { kind: 'crashed', exit, early }; }",
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
    file: 'src/task/operator-attempt.ts',
    find: '    for await (const { position, entry } of journal.read()) {\n',
    replace: '    for await (const { position, entry } of journal.read()) {\n      if (position === 0) continue;\n',
  },
];
