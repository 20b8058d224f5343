import { existsSync } from 'node:fs';
import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable, Writable } from 'node:stream';
import { execa } from 'execa';
import { describe, expect, onTestFinished, test } from 'vitest';
import { JobFailedError, RainstormError, runJob, type JobEvent, type RunJobOptions } from '../../src/index.ts';
import { cluster as startCluster, TOKEN } from '../cli/harness.ts';

/** A job that sits at it for longer than any test. */
const SLOW = { stages: 'identity', rate: 1 } as const;

async function folderWith(files: Readonly<Record<string, string>> = {}): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'rainstorm-library-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));
  for (const [name, content] of Object.entries(files)) await writeFile(join(folder, name), content);
  return folder;
}

function collector(): { readonly stream: Writable; text(): string } {
  const chunks: Buffer[] = [];
  const stream = new Writable({
    write(chunk: Buffer, _, done) {
      chunks.push(chunk);
      done();
    },
  });
  return { stream, text: () => Buffer.concat(chunks).toString() };
}

async function rejection(options: RunJobOptions): Promise<unknown> {
  return await runJob(options).then(() => expect.fail('the job is done'), (error: unknown) => error);
}

const ROWS = 'zone,fare\nnorth,1\nsouth,2\nnorth,3\n';

describe('a job that succeeds', () => {
  test('resolves with what it has done, when its result is there', async () => {
    const cwd = await folderWith({ 'in.csv': ROWS });
    const summary = await runJob({ stages: ['filter=o', { operator: 'aggregate', argument: 'zone', tasks: 2 }], src: 'in.csv', dest: 'out.csv', cwd });
    expect((await readFile(join(cwd, 'out.csv'), 'utf8')).split('\n').toSorted()).toEqual(['', 'north,2', 'south,1', 'zone,count']);
    expect(summary).toMatchObject({ state: 'done', dest: 'out.csv', skippedTuples: 0 });
    expect(summary.stages.at(0)).toMatchObject({ name: 'source', outTuples: 3 });
    expect(summary.stages.at(-1)).toMatchObject({ name: 'sink', inTuples: 2 });
    expect(summary.elapsedMs).toBeGreaterThan(0);
    expect(await readdir(summary.logs)).toContain('1-0.log');
  });

  test('takes texts from a stream and writes bytes to another, which stays open', async () => {
    const out = collector();
    await runJob({ stages: ['tr a-z A-Z'], src: Readable.from(['one\nt', 'wo\n']), dest: out.stream, dataDir: await folderWith() });
    expect(out.text()).toBe('ONE\nTWO\n');
    expect(out.stream.writableEnded).toBe(false);
  });

  test('takes the header of a stream for a header', async () => {
    const out = collector();
    await runJob({ stages: 'transform=fare', format: 'csv', src: Readable.from([Buffer.from(ROWS)], { objectMode: false }), dest: out.stream, dataDir: await folderWith() });
    expect(out.text()).toBe('fare\n1\n2\n3\n');
  });

  test('is told from its first state to its last, whatever it is', async () => {
    const cwd = await folderWith({ 'in.txt': 'a\n' });
    const events: JobEvent[] = [];
    const summary = await runJob({ stages: 'identity', src: 'in.txt', dest: 'out', cwd, onEvent: (event) => events.push(event) });
    expect(events[0]).toMatchObject({ event: 'job', data: { job: summary.job } });
    expect(events.at(-1)).toEqual({ event: 'state', data: { state: 'done' } });
  });

  test('may be given by a job file, which the other options override', async () => {
    const cwd = await folderWith({ 'in.txt': 'b\na\n', 'job.yaml': 'stages: identity\nsrc: nothing\ndest: out\n' });
    await runJob({ config: 'job.yaml', src: 'in.txt', stages: ['sort'], cwd });
    expect(await readFile(join(cwd, 'out'), 'utf8')).toBe('a\nb\n');
  });

  test('may be sent to a leader that stands', async () => {
    const cluster = await startCluster();
    const cwd = await folderWith({ 'in.txt': 'a\n' });
    await runJob({ stages: 'identity', src: 'in.txt', dest: 'out', cwd, workers: 1, leader: { url: cluster.server.url, token: TOKEN } });
    expect(await readFile(join(cwd, 'out'), 'utf8')).toBe('a\n');
    expect(await rejection({ stages: 'identity', src: 'in.txt', dest: 'out', cwd, leader: { url: cluster.server.url, token: 'another' } })).toMatchObject({ code: 'WRONG_TOKEN' });
  });
});

describe('what is wrong is told before anything runs', () => {
  const whole = { stages: 'identity', src: 'in.txt', dest: 'out' };
  test.each<[string, RunJobOptions, string, string]>([
    ['no stages', { src: 'in.txt', dest: 'out' }, 'USAGE', 'has no stages'],
    ['no source', { stages: 'identity', dest: 'out' }, 'USAGE', 'has no src'],
    ['no destination', { stages: 'identity', src: 'in.txt' }, 'USAGE', 'has no dest'],
    ['the process\'s stdin, which belongs to the program', { ...whole, src: '-' }, 'USAGE', 'has no src'],
    ['the process\'s stdout', { ...whole, dest: '-' }, 'USAGE', 'has no dest'],
    ['a value out of range', { ...whole, stages: [{ command: 'cat', tasks: 0 }] }, 'USAGE', 'stages[0].tasks is 0; it must be a whole number from 1 to 256'],
    ['a key that a stage does not have', { ...whole, stages: [{ command: 'cat', taks: 2 } as object] }, 'USAGE', 'did you mean tasks'],
    ['an option that there is not', { ...whole, desk: 'x' } as RunJobOptions, 'USAGE', 'no option desk'],
    ['another delivery', { ...whole, delivery: 'sometimes' as 'best-effort' }, 'USAGE', 'must be exactly-once or best-effort'],
    ['an operator that there is not', { ...whole, stages: 'fliter=x' }, 'USAGE', 'there is no operator "fliter"'],
    ['a source that is not there', { ...whole, src: 'nothing' }, 'SOURCE_NOT_FOUND', 'does not exist'],
    ['a job file that is not there', { ...whole, config: 'nothing.yaml' }, 'JOB_FILE', 'no such file'],
  ])('%s', async (_, options, code, message) => {
    const cwd = await folderWith({ 'in.txt': 'a\n' });
    const error = await rejection({ ...options, cwd });
    expect(error).toBeInstanceOf(RainstormError);
    expect(error).toMatchObject({ code, message: expect.stringContaining(message) as string });
    expect(existsSync(join(cwd, 'out'))).toBe(false);
  });
});

test('a job that fails says why, with the operator\'s last words and where its logs are', async () => {
  const cwd = await folderWith({ 'in.txt': 'a\n' });
  const error = await rejection({ stages: [{ command: 'echo alas >&2; exit 3', maxRestarts: 0 }], src: 'in.txt', dest: 'out', cwd });
  expect(error).toBeInstanceOf(JobFailedError);
  expect(error).toMatchObject({ code: 'OPERATOR_FAILED', stderr: ['alas'] });
  expect(await readdir((error as JobFailedError).logs)).toContain('1-0.log');
});

describe('an abort', () => {
  test('ends the job in order and rejects with its reason', async () => {
    const cwd = await folderWith({ 'in.txt': 'a\nb\nc\n' });
    const [controller, reason] = [new AbortController(), new Error('enough')];
    const states: string[] = [];
    const onEvent = ({ event, data }: JobEvent) => {
      if (event !== 'state') return;
      states.push(data.state);
      if (data.state === 'running') controller.abort(reason);
    };
    expect(await rejection({ ...SLOW, src: 'in.txt', dest: 'out', cwd, signal: controller.signal, onEvent })).toBe(reason);
    expect(states.at(-1)).toBe('cancelled');
    expect((await readdir(cwd)).toSorted()).toEqual(['.rainstorm', 'in.txt']);
  });

  test('before the job rejects at once, and nothing is started', async () => {
    const cwd = await folderWith({ 'in.txt': 'a\n' });
    expect(await rejection({ ...SLOW, src: 'in.txt', dest: 'out', cwd, signal: AbortSignal.abort('never mind') })).toBe('never mind');
    expect(await readdir(cwd)).toEqual(['in.txt']);
  });

  test('while a stream has not said its header yet does not wait for it', async () => {
    const controller = new AbortController();
    const silent = new Readable({ read: () => controller.abort('too quiet') });
    expect(await rejection({ stages: 'transform=fare', format: 'csv', src: silent, dest: collector().stream, dataDir: await folderWith(), signal: controller.signal })).toBe('too quiet');
    expect(silent.destroyed).toBe(true);
  });
});

test('what a listener throws at the last event is not lost, though the job is done', async () => {
  const cwd = await folderWith({ 'in.txt': 'a\n' });
  const thrown = new Error('too late');
  const onEvent = ({ event, data }: JobEvent) => {
    if (event === 'state' && data.state === 'done') throw thrown;
  };
  expect(await rejection({ stages: 'identity', src: 'in.txt', dest: 'out', cwd, onEvent })).toBe(thrown);
  expect(await readFile(join(cwd, 'out'), 'utf8')).toBe('a\n');
});

test('what a listener throws cancels the job, and the process ends by itself', async () => {
  const cwd = await folderWith({ 'in.txt': 'a\n' });
  const program = `
    import { runJob } from ${JSON.stringify(new URL('../../src/index.ts', import.meta.url).href)};
    const onEvent = () => { throw new Error('of mine'); };
    await runJob({ stages: 'identity', rate: 1, src: 'in.txt', dest: 'out', onEvent }).catch((error) => console.log(error.message));
    console.log(process.listenerCount('SIGINT'), process.listenerCount('SIGTERM'));
  `;
  // A timer that is left would keep it for half a minute.
  const { stdout, stderr } = await execa(process.execPath, ['--input-type=module', '-e', program], { cwd, timeout: 15_000 });
  expect(stderr).toBe('');
  expect(stdout).toBe('of mine\n0 0');
});

test('two jobs in one process know nothing of each other', async () => {
  const cwd = await folderWith({ 'a.txt': 'a\n', 'b.txt': 'b\n' });
  const [one, other] = await Promise.all(['a', 'b'].map((name) => runJob({ stages: 'identity', src: `${name}.txt`, dest: `${name}.out`, cwd })));
  expect(one?.job).not.toBe(other?.job);
  expect(await readFile(join(cwd, 'a.out'), 'utf8')).toBe('a\n');
  expect(await readFile(join(cwd, 'b.out'), 'utf8')).toBe('b\n');
});
