/**
 * What is measured: a pipeline of ours, and a line of shell that does the same work and gives the same rows.
 *
 * `$(NF-5)` and the like count a row's columns from its end: the only column with commas in quotes is before them, so that
 * awk, which knows nothing of quotes, is right about these.
 */
export interface Case {
  readonly name: string;
  readonly title: string;
  readonly input: 'rows' | 'text' | 'few';
  /** The arguments of `run`, but for source and destination. */
  readonly run: readonly string[];
  /** Reads `$IN`, writes stdout; one core. Undefined: only our own time is of interest. */
  readonly reference?: string | undefined;
  /** Another case of ours to compare with, instead of a reference. */
  readonly comparedTo?: string | undefined;
  /** Speed over that of the reference. */
  readonly aim?: number | undefined;
  /** A program that has to be installed for the reference. */
  readonly needs?: string | undefined;
}

const COUNT_ZONES = `mawk -F, '{ n[$(NF-5)]++ } END { for (k in n) print k "," n[k] }'`;
const FILTERED = 'grep -F University';

const CASE_A = ['--stages', 'filter=University,aggregate=4'];
const CASE_B = ['--stages', 'aggregate=4:2'];

const CASES: readonly Case[] = [
  { name: 'a', title: 'filter (15 % pass), aggregate', input: 'rows', run: CASE_A, reference: `cat $IN | ${FILTERED} | ${COUNT_ZONES}`, aim: 1 },
  { name: 'a-parallel', title: 'the same by GNU parallel', input: 'rows', run: CASE_A, reference: `parallel --pipepart -a $IN --block 16M ${FILTERED} | ${COUNT_ZONES}`, needs: 'parallel', aim: 3 },
  { name: 'a-miller', title: 'the same by Miller', input: 'rows', run: CASE_A, reference: `mlr --icsv --ocsv --implicit-csv-header --headerless-csv-output filter '$4 == "University"' then count -g 4 $IN`, needs: 'mlr' },
  { name: 'b', title: 'every row shuffled, aggregate:2', input: 'rows', run: CASE_B, reference: `cat $IN | ${COUNT_ZONES}`, aim: 1.5 },
  {
    name: 'c', title: 'filter, transform, aggregate', input: 'rows', run: ['--stages', "filter=University,transform='4,5',aggregate=2"],
    reference: `cat $IN | ${FILTERED} | mawk -F, '{ print $(NF-5) "," $(NF-4) }' | mawk -F, '{ n[$2]++ } END { for (k in n) print k "," n[k] }'`,
  },
  {
    name: 'd', title: 'grep -F and mawk as commands', input: 'rows', run: ['--stage', FILTERED, '--stage', COUNT_ZONES],
    reference: `cat $IN | ${FILTERED} | ${COUNT_ZONES}`, aim: 0.85,
  },
  { name: 'e', title: 'word count of text', input: 'text', run: ['--stages', 'flatmap,aggregate:2'], reference: `cat $IN | mawk '{ for (i = 1; i <= NF; i++) n[$i]++ } END { for (k in n) print k "," n[k] }'` },
  { name: 'f', title: 'identity, file to file', input: 'rows', run: ['--stages', 'identity'], reference: 'cat $IN; sync $OUT' },
  { name: 'g', title: '9,000 rows, start to exit', input: 'few', run: CASE_A },
  { name: 'a-best-effort', title: '(a) with best-effort', input: 'rows', run: [...CASE_A, '--delivery', 'best-effort'], comparedTo: 'a' },
  { name: 'a-host', title: '(a) with durability host', input: 'rows', run: [...CASE_A, '--durability', 'host'], comparedTo: 'a' },
  { name: 'a-logs', title: '(a) with the log of every tuple', input: 'rows', run: [...CASE_A, '--log-tuples', 'all'], comparedTo: 'a' },
  { name: 'b-best-effort', title: '(b) with best-effort', input: 'rows', run: [...CASE_B, '--delivery', 'best-effort'], comparedTo: 'b' },
  { name: 'b-host', title: '(b) with durability host', input: 'rows', run: [...CASE_B, '--durability', 'host'], comparedTo: 'b' },
  ...[1, 4, 8].map((tasks): Case => ({ name: `b-${tasks}`, title: `(b) with ${tasks} task${tasks === 1 ? '' : 's'}`, input: 'rows', run: ['--stages', `aggregate=4:${tasks}`], comparedTo: 'b' })),
];

export const CASE_NAMES: readonly string[] = CASES.map(({ name }) => name);

/** Those named, with the ones that they are compared to, in the order above; all without names. Throws for an unknown one. */
export function casesNamed(names: readonly string[] | undefined): Case[] {
  if (names === undefined) return [...CASES];
  const wanted = new Set(names.flatMap((name) => [name, caseNamed(name).comparedTo]));
  return CASES.filter(({ name }) => wanted.has(name));
}

/** Throws when there is none. */
export function caseNamed(name: string): Case {
  const found = CASES.find((one) => one.name === name);
  if (found === undefined) throw new Error(`there is no case ${name}: ${CASE_NAMES.join(', ')}`);
  return found;
}
