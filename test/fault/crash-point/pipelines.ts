/** Jobs that are killed: one for each contract, and for each kind of program that people bring. */
export interface Pipeline {
  readonly name: string;
  /** Stages, or the name of a job file. */
  readonly job: readonly string[];
  readonly files?: Readonly<Record<string, string>>;
  /** Rows of our own making unless given. */
  readonly input?: string;
}

function fromFile(name: string, stages: string): Pipeline {
  return { name, job: ['job.yaml'], files: { 'job.yaml': `stages:\n${stages}` } };
}

/** Sums on the way, in the order of arrival; a checkpoint after every few pieces of input. */
export const SNAPSHOT = fromFile('operators of ours', `
  - { operator: filter, argument: completed, tasks: 2, checkpointEvery: 2KiB }
  - { operator: running-aggregate, argument: zone, tasks: 2, checkpointEvery: 2KiB }
`);

export const REPLAY: Pipeline = { name: 'commands', job: ['-s', 'grep -n completed', '-s', "awk '{ seen += length($0); print seen, $0 }'", '--no-fuse'] };

export const RESTART = fromFile('commands that are cut', `
  - { command: grep completed, contract: restart, checkpointEvery: 2KiB }
  - { command: "tr a-z A-Z", contract: restart, checkpointEvery: 4KiB }
`);

export const FOLD = fromFile('a count that is folded', `
  - { command: "cut -d, -f4", contract: restart, checkpointEvery: 2KiB }
  - command: awk '{ key = $0; n = 1 } /^[0-9]+\\t/ { split($0, pair, "\\t"); n = pair[1]; key = pair[2] } { count[key] += n } END { for (key in count) print count[key] "\\t" key }' | sort
    key: line
    tasks: 2
    contract: fold
    checkpointEvery: 20ms
`);

/** What it prints cannot be told beforehand, but how many lines, which is counted behind it. */
export const COMMITTED = fromFile('a program of chance, counted', `
  - { command: "awk -v seed=$$ 'BEGIN { srand(seed) } { print rand() }'", contract: restart, release: committed, checkpointEvery: 2KiB }
  - { command: "sed 's/.*/tuple/'", contract: restart }
`);

export const COUNT: Pipeline = { name: 'filter and aggregate', job: ['--stages', 'filter=completed:2,aggregate=zone:2'] };

export const CHAIN: Pipeline = { name: 'a chain', job: ['-s', 'grep completed | cut -d, -f4 | sort | uniq -c'] };

export const HEAD: Pipeline = { name: 'a program that has enough', job: ['-s', 'head -n 150', '-s', 'tr a-z A-Z', '--no-fuse'] };
