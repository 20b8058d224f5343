import { describe, expect, test } from 'vitest';
import { makePlan } from '../../src/job/make-plan.ts';
import type { JobPlan, StagePlan } from '../../src/job/plan.ts';
import { parseStages } from '../../src/job/stage-grammar.ts';
import type { Format, JobSpec, StageSpec } from '../../src/job/stage-spec.ts';
import { wantsHeader } from '../../src/job/wants-header.ts';
import { failureOf } from './failure.ts';

const HEADER = 'ID,Asset Category,"Price, net",ID,Sign';

function job(stages: string | readonly StageSpec[], rest: Partial<JobSpec> = {}): JobSpec {
  return {
    stages: typeof stages === 'string' ? parseStages(stages) : stages, sources: ['in.csv'], dest: '-', format: undefined, header: false, outputHeader: true,
    overwrite: false, rate: undefined, maxTupleBytes: 64 << 20, locale: 'C', lineBuffered: false, fuse: false, logTuples: 'first', cwd: '/jobs',
    delivery: 'exactly-once', durability: 'process', storeLimitBytes: 1 << 30, ...rest,
  };
}

function plan(stages: string, rest: Partial<JobSpec> = {}, header: string | null = HEADER, format: Format = 'csv'): JobPlan {
  return makePlan(job(stages, rest), { format, headerRow: header === null ? undefined : Buffer.from(header) });
}

function lastStage(stages: string, rest?: Partial<JobSpec>): StagePlan {
  const stage = plan(stages, rest).stages.at(-1);
  if (stage === undefined) throw new Error('no stage');
  return stage;
}

test('a whole plan', () => {
  const spec = job('filter=Sign:2,aggregate="Asset Category":3', { rate: [{ fromMs: 0, tuplesPerSecond: 5 }, { fromMs: 20_000, tuplesPerSecond: 50 }] });
  const [filter, aggregate] = spec.stages.map((stage) => ({ ...stage, okExit: [7], env: { A: '1' }, cwd: 'sub' }));
  expect(makePlan({ ...spec, stages: [filter, aggregate].flatMap((stage) => stage ?? []) }, { format: 'csv', headerRow: Buffer.from(HEADER) })).toEqual({
    stages: [
      {
        number: 1, name: 'filter', program: { kind: 'operators', operators: [{ operator: 'filter', args: ['--format', 'csv', 'Sign'] }] }, tasks: 2,
        inputFormat: 'csv', partitioning: { kind: 'spread' }, outputFormat: 'csv', okExit: [7], env: { A: '1' }, cwd: '/jobs/sub',
        contract: 'snapshot', contractDeclared: true, checkpointEvery: undefined, maxRestarts: undefined, stallTimeoutMs: 60_000, onStall: undefined, onPoison: undefined,
      },
      {
        number: 2, name: 'aggregate', program: { kind: 'operators', operators: [{ operator: 'aggregate', args: ['--format', 'csv', '2'] }] }, tasks: 3,
        inputFormat: 'csv', partitioning: { kind: 'column', column: 2 }, outputFormat: 'csv', okExit: [7], env: { A: '1' }, cwd: '/jobs/sub',
        contract: 'snapshot', contractDeclared: true, checkpointEvery: undefined, maxRestarts: undefined, stallTimeoutMs: 60_000, onStall: undefined, onPoison: undefined,
      },
    ],
    source: { format: 'csv', header: true, rate: [{ fromMs: 0, tuplesPerSecond: 5 }, { fromMs: 20_000, tuplesPerSecond: 50 }] },
    sink: { format: 'csv', headerRow: 'Asset Category,count' },
    maxTupleBytes: 64 << 20, locale: 'C', lineBuffered: false, logTuples: 'first',
  });
});

describe('an operator gets its argument with columns as numbers', () => {
  test.each([
    ['identity', []],
    ['filter=-v', ['--', '-v']],
    ['filter=/a/i', ['/a/i']],
    ['transform=2-4', ['2,3,4']],
    [`transform='Sign,1-2,"Price, net"'`, ['5,1,2,3']],
    ['replace=/a/b/', ['/a/b/']],
    ['flatmap', []],
    ['flatmap=";"', [';']],
    ['aggregate', ['1']],
    ['aggregate=line', ['line']],
    ['running-aggregate=Sign', ['5']],
    ['sum="Asset Category"/3', ['2/3']],
  ])('%s', (stages, args) => expect(lastStage(stages).program).toMatchObject({ kind: 'operators', operators: [{ args: ['--format', 'csv', ...args] }] }));

  test('behind the format of its input', () => {
    expect(lastStage('flatmap,aggregate=line').program).toMatchObject({ operators: [{ args: ['--format', 'lines', 'line'] }] });
  });
});

describe('commands', () => {
  test.each([
    ['cmd="sort | uniq -c"', { kind: 'chain', commands: [['sort'], ['uniq', '-c']] }],
    ['cmd="echo $HOME"', { kind: 'shell', script: 'echo $HOME' }],
  ])('%s', (stages, program) => expect(lastStage(stages).program).toEqual(program));

  test('an array is started as it is', () => {
    const [stage] = parseStages('cmd=x');
    const program = { kind: 'argv', argv: ['grep', '$HOME | x'] } as const;
    const [planned] = makePlan(job(stage === undefined ? [] : [{ ...stage, program }]), { format: 'csv', headerRow: undefined }).stages;
    expect(planned?.program).toEqual({ kind: 'chain', commands: [['grep', '$HOME | x']] });
  });
});

describe('partitioning', () => {
  test.each([
    ['filter', { kind: 'spread' }],
    ['cmd=cat@line', { kind: 'line' }],
    ['cmd=cat@3', { kind: 'column', column: 3 }],
    ['identity@Sign', { kind: 'column', column: 5 }],
    ['aggregate', { kind: 'column', column: 1 }],
    ['aggregate=line@line', { kind: 'line' }],
    ['aggregate=Sign@5', { kind: 'column', column: 5 }],
    ['sum=Sign/3', { kind: 'column', column: 5 }],
    ['transform=3-5,identity@Sign', { kind: 'column', column: 3 }],
    ['aggregate=Sign,identity@count', { kind: 'column', column: 2 }],
  ])('%s', (stages, partitioning) => expect(lastStage(stages).partitioning).toEqual(partitioning));
});

describe('formats', () => {
  test.each<[string, Format[]]>([
    ['filter,transform=1,aggregate', ['csv', 'csv', 'csv', 'csv']],
    ['filter,cmd=cat,aggregate', ['csv', 'csv', 'lines', 'lines']],
    ['flatmap,identity', ['csv', 'lines', 'lines']],
  ])('%s', (stages, formats) => {
    const { stages: planned, source, sink } = plan(stages);
    expect([source.format, ...planned.map((stage) => stage.outputFormat)]).toEqual(formats);
    expect([...planned.map((stage) => stage.inputFormat), sink.format]).toEqual(formats);
  });
});

describe('the header is wanted when it is asked for, or one of its columns is named', () => {
  test.each([
    ['filter=Sign,aggregate=2', false],
    ['aggregate=Sign', true],
    ['filter,transform=1-3,identity@Sign', true],
    ['cmd=cat@Sign', true],
    ['cmd=cat,aggregate=Sign', false],
    ['flatmap,identity@word', false],
    ['aggregate=2,sum=key/count', false],
    ['aggregate=line,identity@line,sum=count/count', false],
    ['aggregate=2,identity@Sign', true],
    ['sum=1/3,transform=mean', false],
    ['sum=1/Price', true],
    ["transform='1,Sign'", true],
  ])('%s: %s', (stages, wanted) => {
    expect(wantsHeader(job(stages))).toBe(wanted);
    expect(wantsHeader(job(stages, { header: true }))).toBe(true);
  });
});

describe('the header of the output', () => {
  test.each<[string, string | undefined]>([
    ['identity', HEADER],
    ['filter=Sign,replace=/a/b/', HEADER],
    [`transform='3,Sign'`, '"Price, net",Sign'],
    ['transform=1-2,identity', 'ID,Asset Category'],
    ['aggregate=3', '"Price, net",count'],
    ['running-aggregate=line', 'line,count'],
    ['sum=2/3', 'Asset Category,count,sum,min,max,mean'],
    ['sum=Sign/3,transform=mean', 'mean'],
    ['cmd=cat,aggregate=2', 'key,count'],
    ['cmd=cat,transform=1', undefined],
    ['filter,cmd=cat', undefined],
    ['flatmap', undefined],
  ])('%s', (stages, row) => {
    expect(plan(stages, { header: true }).sink.headerRow).toBe(row);
    expect(plan(stages, { header: true, outputHeader: false }).sink.headerRow).toBe(undefined);
  });

  test('is none when the source has none', () => {
    expect(plan('aggregate=2', {}, null).sink.headerRow).toBe(undefined);
    expect(plan('identity', { header: true }, null).sink.headerRow).toBe(undefined);
  });

  test('goes out as it came where nothing changed it', () => {
    expect(plan('identity', { header: true }, '\uFEFF"a",b\r').sink.headerRow).toBe('\uFEFF"a",b\r');
  });

  test('has names without byte order mark and carriage return', () => {
    expect(plan(`transform='b,"a, 5"""'`, {}, '\uFEFF"a, 5""",b\r').sink.headerRow).toBe('b,"a, 5"""');
    expect(plan('aggregate=b', {}, '5" pipe,b\r', 'lines').sink.headerRow).toBe('b,count');
  });

  test('of lines is read as CSV, in which an unclosed quote is a character', () => {
    expect(plan('aggregate=b', {}, '"a,b', 'lines').stages[0]?.partitioning).toEqual({ kind: 'column', column: 2 });
    expect(failureOf(() => plan('aggregate=b', {}, '"a,b'))).toBe('SOURCE_FORMAT the header row is no CSV record\n> Check its quotes, or give --format lines.');
  });
});

describe('what cannot be planned says why', () => {
  const columns = 'Columns are 1 "ID", 2 "Asset Category", 3 "Price, net", 4 "ID", 5 "Sign".';
  test.each([
    ['filter,aggregate="Aset Category"', `UNKNOWN_COLUMN stage 2 (aggregate): there is no column "Aset Category"\n> Did you mean "Asset Category"? ${columns}`],
    ['identity@xyz', `UNKNOWN_COLUMN stage 1 (identity): there is no column "xyz"\n> ${columns}`],
    ['aggregate=ID', 'UNKNOWN_COLUMN stage 1 (aggregate): "ID" is the name of several columns: 1 and 4\n> Give the number of the one that is meant.'],
    ['aggregate=6', `UNKNOWN_COLUMN stage 1 (aggregate): there is no column 6: the header has 5 columns\n> ${columns}`],
    ['transform=2-9', `UNKNOWN_COLUMN stage 1 (transform): there is no column 9: the header has 5 columns\n> ${columns}`],
    ['transform=1-3,filter@Sign', 'UNKNOWN_COLUMN stage 2 (filter): there is no column "Sign"\n> Columns are 1 "ID", 2 "Asset Category", 3 "Price, net".'],
    ['cmd="cut -d, -f1",aggregate=Sign', 'UNKNOWN_COLUMN stage 2 (aggregate): which column is "Sign"? The column names are not known: stage 1 (cut) gives lines of its own\n> Give the number of the column, counted from 1.'],
    ['flatmap,identity,aggregate=Sign', 'UNKNOWN_COLUMN stage 3 (aggregate): which column is "Sign"? The column names are not known: stage 1 (flatmap) gives lines of its own\n> Give the number of the column, counted from 1.'],
    ['aggregate=2@3', 'OPERATOR_ARGUMENT stage 1 (aggregate): it groups by column 2, so its input cannot be partitioned by column 3\n> Tuples of one group must meet in one task. Leave the @KEY away: the operator brings its own.'],
    ['sum=Sign/3@line', 'OPERATOR_ARGUMENT stage 1 (sum): it groups by column 5, so its input cannot be partitioned by the whole line\n> Tuples of one group must meet in one task. Leave the @KEY away: the operator brings its own.'],
  ])('%s', (stages, expected) => expect(failureOf(() => plan(stages, { header: true }))).toBe(expected));

  test('a name and an empty source', () => {
    expect(failureOf(() => plan('aggregate=Sign', {}, null))).toBe(
      'UNKNOWN_COLUMN stage 1 (aggregate): which column is "Sign"? The column names are not known: the source is empty, so it has no header row\n> Give the number of the column, counted from 1.',
    );
  });

  test('a column beyond the first record, where there is no header', () => {
    const planned = (stages: string, format: Format) => () => makePlan(job(stages), { format, headerRow: undefined, firstRecord: Buffer.from('a,"b,c",d') });
    const hint = 'Columns are counted from 1. Where records differ in width, --format lines takes them as they come.';
    expect(failureOf(planned('filter,aggregate=4', 'csv'))).toBe(`UNKNOWN_COLUMN stage 2 (aggregate): there is no column 4: the first record has 3 columns\n> ${hint}`);
    expect(failureOf(planned('transform=1,identity@2', 'csv'))).toBe(`UNKNOWN_COLUMN stage 2 (identity): there is no column 2: the first record has one column\n> ${hint}`);
    expect(planned('aggregate=3', 'csv')).not.toThrow();
    expect(planned('cmd=cat,aggregate=4', 'csv')).not.toThrow();
    expect(planned('aggregate=4', 'lines')).not.toThrow();
  });

  test('no stages', () => {
    expect(failureOf(() => plan('identity', { stages: [] }))).toBe(
      "USAGE the job has no stages\n> Give at least one, as in --stages 'filter=Stop,aggregate=2:3' or -s 'grep Stop'.",
    );
  });

  test('many columns are not all listed', () => {
    const names = Array.from({ length: 50 }, (_, index) => `c${index}`).join(',');
    expect(failureOf(() => plan('aggregate=zzz', {}, names))).toMatch(/20 "c19" and 30 more\.$/);
  });
});

describe('output that is held until it is recorded', () => {
  const held = [{ name: 'held', program: { kind: 'command', commandLine: 'shuf' }, tasks: 1, okExit: [], env: {}, contract: 'restart', release: 'committed' }] satisfies StageSpec[];

  test('is held for a second, unless the stage says otherwise', () => {
    const [stage] = makePlan(job(held), { format: 'lines', headerRow: undefined }).stages;
    expect(stage).toMatchObject({ contract: 'restart', release: 'committed', checkpointEvery: { kind: 'time', ms: 1_000 } });
    const [other] = makePlan(job(held.map((spec) => ({ ...spec, checkpointEvery: { kind: 'size', bytes: 7 } }))), { format: 'lines', headerRow: undefined }).stages;
    expect(other?.checkpointEvery).toEqual({ kind: 'size', bytes: 7 });
  });

  test('needs a journal', () => {
    expect(failureOf(() => makePlan(job(held, { delivery: 'best-effort' }), { format: 'lines', headerRow: undefined }))).toContain('CONTRACT stage 1 (held): with --delivery best-effort there is no journal');
  });
});

describe('a first stage with one task is told where its tuples stand in the files', () => {
  const files = [{ path: '/in.csv', bytes: 1000, inode: 1, modifiedMs: 1 }];
  const autoscale = { policy: { kind: 'auto' }, dryRun: false } as const;
  const readsFiles = (stages: string, rest: Partial<JobSpec> = {}) => makePlan(job(stages, rest), { format: 'csv', headerRow: Buffer.from(HEADER), files }).stages[0]?.readsFiles;

  test.each(['filter=Sign', 'aggregate="Asset Category"', 'cmd=cat'])('%s', (stages) => expect(readsFiles(stages)).toEqual(files));

  test('unless it may get more tasks that want the tuples themselves: by key, or with all that was to be fed', () => {
    expect(readsFiles('filter=Sign', { autoscale })).toEqual(files);
    expect(readsFiles('aggregate="Asset Category"', { autoscale })).toBeUndefined();
    expect(readsFiles('cmd=cat', { autoscale })).toBeUndefined();
  });
});
