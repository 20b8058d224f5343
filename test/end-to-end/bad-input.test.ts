/** What users get wrong: a message that says what, where and what to do, an exit status, and nothing left behind. */
import { chmod, mkdir, readFile, readdir } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { runBash, runCli, scratch, type CliResult } from './cli.ts';
import { startLeader } from './cluster.ts';

const FILES = {
  'in.csv': 'name,n\nrose,1\ntulip,x\n',
  'open.csv': 'name,n\nrose,1\n"tulip,2\nlily,3\n',
  'in.txt': 'one\ntwo\n',
  'existing': 'a result of yesterday\n',
  'full/part-00000': 'a part of yesterday\n',
  'bad.yaml': 'stages:\n  - command: [grep, Stop\n',
  'unknown-key.yaml': 'stages: filter=rose\nsrcs: in.csv\n',
  'unknown-stage-key.yaml': 'stages:\n  - operator: filter\n    task: 3\n',
  'bad-value.yaml': 'stages:\n  - operator: filter\n    tasks: many\n',
  'unknown-operator.yaml': 'stages:\n  - operator: agregate\n',
};

const USAGE = 2;
const FAILED = 1;

/** Put behind the arguments, so that a job that should not run would leave something to be found. */
const IN_AND_OUT = ['--src', 'in.csv', '--dest', 'out'];

type Case = readonly [name: string, args: readonly string[], status: number, says: readonly RegExp[]];

const STAGES: readonly Case[] = [
  ['an unknown operator', ['--stages', 'filter=a,agregate=1', ...IN_AND_OUT], USAGE, [/stage 2 \(agregate=1\)/, /no operator "agregate"/, /Did you mean aggregate\?/]],
  ['a command in --stages without quotes', ['--stages', 'grep Stop', ...IN_AND_OUT], USAGE, [/stage 1/, /cmd="grep Stop"/]],
  [':0', ['--stages', 'filter=a:0', ...IN_AND_OUT], USAGE, [/0 tasks/, /\n +\^\n/, /1 to 256/]],
  [':257', ['--stages', 'filter=a:257', ...IN_AND_OUT], USAGE, [/257 tasks/, /1 to 256/]],
  [':abc', ['--stages', 'filter=a:abc', ...IN_AND_OUT], USAGE, [/"abc" is no number of tasks/, /\n +\^\n/, /1 to 256/]],
  ['an unclosed quote', ['--stages', 'filter="a', ...IN_AND_OUT], USAGE, [/quote that is not closed/, /\n +\^\n/, /Close it/]],
  ['a bad regular expression', ['--stages', 'filter=/a(/', ...IN_AND_OUT], USAGE, [/stage 1/, /\/a\(\/ is no regular expression/, /escaped/]],
  ['no stages', IN_AND_OUT, USAGE, [/no stages/, /--stages/]],
  ['stages given twice', ['--stages', 'filter', '-s', 'cat', ...IN_AND_OUT], USAGE, [/given twice/, /one of the two/]],
  ['an argument where none is taken', ['--stages', 'identity=3', ...IN_AND_OUT], USAGE, [/identity takes no argument/]],
  ['an argument missing', ['--stages', 'sum', ...IN_AND_OUT], USAGE, [/sum needs an argument/, /sum=1\/3/]],
  ['a key that differs from the operator\'s', ['--stages', 'aggregate=1@2', ...IN_AND_OUT], USAGE, [/column 1/, /column 2/, /Leave the @KEY away/]],
  ['a status for a stage that is not there', ['-s', 'cat', '--ok-exit', '3=1', ...IN_AND_OUT], USAGE, [/no stage 3/, /one stage/]],
];

const COLUMNS: readonly Case[] = [
  ['a column beyond the header', ['--stages', 'aggregate=9', '--header', ...IN_AND_OUT], USAGE, [/stage 1 \(aggregate\)/, /no column 9/, /2 columns/, /1 "name", 2 "n"/]],
  ['a column beyond the first record', ['--stages', 'filter=r,transform="1,9"', ...IN_AND_OUT], USAGE, [/stage 2 \(transform\)/, /no column 9/, /2 columns/]],
  ['a key beyond the first record', ['-s', 'cat @3:2', ...IN_AND_OUT], USAGE, [/stage 1 \(cat\)/, /no column 3/]],
  ['an unknown header name', ['--stages', 'aggregate=nane', ...IN_AND_OUT], USAGE, [/stage 1 \(aggregate\)/, /no column "nane"/, /Did you mean "name"\?/]],
  ['a name behind a command', ['-s', 'cat', '-s', 'aggregate=name', ...IN_AND_OUT], USAGE, [/stage 2 \(aggregate\)/, /names are not known/, /stage 1 \(cat\)/, /number of the column/]],
  ['a value that is no number', ['--stages', 'sum=1/2', '--header', ...IN_AND_OUT], FAILED, [/stage 1 \(sum\), task 1-0/, /"x" is not a number/, /tulip,x/]],
];

const SOURCES: readonly Case[] = [
  ['a missing file', ['--stages', 'filter=a', '--src', 'inn.csv', '--dest', 'out'], USAGE, [/inn\.csv does not exist/, /Did you mean in\.csv\?/]],
  ['a folder without files', ['--stages', 'filter=a', '--src', 'empty', '--dest', 'out'], USAGE, [/folder empty has no files/, /glob/]],
  ['a glob that nothing matches', ['--stages', 'filter=a', '--src', 'no*.csv', '--dest', 'out'], USAGE, [/no\*\.csv: nothing matches/]],
  ['CSV and other files together', ['--stages', 'filter=a', '--src', 'in.csv', 'in.txt', '--dest', 'out'], USAGE, [/in\.csv is CSV.*in\.txt is not/, /--format/]],
  ['a quote that the file never closes', ['--stages', 'filter=a', '--src', 'open.csv', '--dest', 'out'], FAILED, [/open\.csv: .*line 3/, /--format lines/]],
  ['a size that is none', ['--stages', 'filter=a', '--max-tuple', 'big', ...IN_AND_OUT], USAGE, [/"big" is no size/, /64MiB/]],
  ['a rate of nothing', ['--stages', 'filter=a', '--rate', '0', ...IN_AND_OUT], USAGE, [/--rate/, /above 0/]],
  ['a rate of no known time', ['--stages', 'filter=a', '--rate', '100,20:1000', ...IN_AND_OUT], USAGE, [/"20" is no time/, /in ms, s, min or h/]],
  ['an option that is none', ['--stages', 'filter=a', '--srcs', 'in.csv'], USAGE, [/unknown option '--srcs'/, /--src/]],
];

const JOB_FILES: readonly Case[] = [
  ['no such job file', ['no.yaml', ...IN_AND_OUT], USAGE, [/no\.yaml/, /no such file/]],
  ['bad YAML', ['bad.yaml', ...IN_AND_OUT], USAGE, [/bad\.yaml:3:1/]],
  ['an unknown key', ['unknown-key.yaml', ...IN_AND_OUT], USAGE, [/unknown-key\.yaml:2:1/, /srcs/, /did you mean src\?/, /Allowed: .*stages/]],
  ['an unknown key of a stage', ['unknown-stage-key.yaml', ...IN_AND_OUT], USAGE, [/unknown-stage-key\.yaml:3/, /stages\[0\]\.task\b/, /tasks/]],
  ['a value that is not allowed', ['bad-value.yaml', ...IN_AND_OUT], USAGE, [/bad-value\.yaml:3/, /stages\[0\]\.tasks/, /many/, /whole number from 1 to 256/]],
  ['an unknown operator in a file', ['unknown-operator.yaml', ...IN_AND_OUT], USAGE, [/unknown-operator\.yaml:2/, /no operator "agregate"/, /aggregate/]],
];

const DESTINATIONS: readonly Case[] = [
  ['a destination that exists', ['--stages', 'filter=a', '--src', 'in.csv', '--dest', 'existing'], USAGE, [/existing exists/, /--overwrite/]],
  ['a folder where a file is asked for', ['--stages', 'filter=a', '--src', 'in.csv', '--dest', 'full'], USAGE, [/full is a folder/, /Did you mean full\//]],
  ['a folder that is not empty', ['--stages', 'filter=a', '--src', 'in.csv', '--dest', 'full/'], USAGE, [/full\/ is not empty/, /--overwrite/]],
  ['a file where a folder is asked for', ['--stages', 'filter=a', '--src', 'in.csv', '--dest', 'existing/'], USAGE, [/existing\/ is a file/, /Did you mean existing\?/]],
  ['a destination whose folder is missing', ['--stages', 'filter=a', '--src', 'in.csv', '--dest', 'no/where/out'], USAGE, [/folder of the destination no\/where\/out/, /mkdir -p/]],
];

const COMMANDS: readonly Case[] = [
  ['a command that is not there', ['-s', 'nosuchcommand -x', ...IN_AND_OUT], USAGE, [/stage 1 \(nosuchcommand\)/, /command not found: nosuchcommand/, /PATH/]],
  ['a command that is not there, inside a chain', ['-s', 'cat | nosuchcommand', ...IN_AND_OUT], USAGE, [/command not found: nosuchcommand/]],
  ['a path that is not there', ['-s', './nosuch', ...IN_AND_OUT], USAGE, [/\.\/nosuch is not there or not executable/, /chmod/]],
  ['a command of fused stages that exits with 3', ['-s', 'cat', '-s', `sh -c 'exit 3'`, ...IN_AND_OUT], FAILED, [/stage 2 \(cat \| sh\), task 2-0/, /--ok-exit N=3, where N is the stage that it belongs to, 1 to 2/]],
  ['a command that exits with 3', ['-s', 'cat', '-s', 'echo I cannot >&2; exit 3', ...IN_AND_OUT], FAILED, [/stage 2 \(echo\), task 2-0/, /exited with status 3/, /I cannot/, /--ok-exit 2=3/, /logs: /]],
  ['a command that exits with 3 at the end of its input', ['-s', 'cat; exit 3', ...IN_AND_OUT], FAILED, [/stage 1 \(cat\), task 1-0/, /exited with status 3/]],
  ['a command that kills itself', ['-s', 'kill -9 $$', '--delivery', 'best-effort', ...IN_AND_OUT], FAILED, [/stage 1 \(kill\), task 1-0/, /died of SIGKILL/]],
  ['grep that fails before its input ends', ['-s', 'grep -E "a("', ...IN_AND_OUT], FAILED, [/stage 1 \(grep\)/, /exited with status 2/]],
];

describe.each([
  ['stages', STAGES],
  ['columns', COLUMNS],
  ['sources', SOURCES],
  ['job files', JOB_FILES],
  ['destinations', DESTINATIONS],
  ['commands', COMMANDS],
])('%s', (_, cases) => {
  test.each(cases)('%s', async (__, args, status, says) => {
    const cwd = await scratchWithFiles();
    expectFailure(await runCli(['run', ...args], { cwd }), status, says);
    await expectNothingLeft(cwd);
  });
});

describe('what is no failure', () => {
  test('an operator that closes its stdin early, as head does', async () => {
    const cwd = await scratch({ 'in.txt': Array.from({ length: 100_000 }, (_, index) => `${index}\n`).join('') });
    expect((await runCli(['run', '--quiet', '-s', 'cat', '-s', 'head -n 10', '-s', 'cat', '--src', 'in.txt', '--dest', 'out'], { cwd })).status).toBe(0);
    expect(await readFile(join(cwd, 'out'), 'utf8')).toBe('0\n1\n2\n3\n4\n5\n6\n7\n8\n9\n');
  });

  test('grep that finds nothing', async () => {
    const cwd = await scratchWithFiles();
    const { status, stdout, stderr } = await runCli(['run', '--quiet', '-s', 'grep nothing', '--src', 'in.csv'], { cwd });
    expect([status, stdout.length, stderr]).toEqual([0, 0, '']);
  });

  test('a writer in a chain that dies of SIGPIPE', async () => {
    const cwd = await scratchWithFiles();
    const { status, text, stderr } = await runCli(['run', '--quiet', '-s', 'yes | head -n 2'], { cwd, input: 'ignored\n' });
    expect([status, text, stderr]).toEqual([0, 'y\ny\n', '']);
  });
});

describe('what depends on the machine', () => {
  test('an unreadable file', async ({ skip }) => {
    const cwd = await scratchWithFiles();
    await chmod(join(cwd, 'in.csv'), 0o000);
    await chmod(cwd, 0o777);
    // Nothing is unreadable for root, so there the command is run as somebody else.
    const uid = process.getuid?.() === 0 ? { uid: 65_534 } : {};
    const works = await runCli(['--version'], { cwd, ...uid });
    skip(works.status !== 0, 'running as root, and the command cannot be run as another user from here');
    const result = await runCli(['run', '--stages', 'filter=a', ...IN_AND_OUT], { cwd, ...uid });
    expectFailure(result, USAGE, [/cannot read the source in\.csv/, /permission denied \(EACCES\)/]);
    await chmod(join(cwd, 'in.csv'), 0o644);
    await expectNothingLeft(cwd);
  });

  // `script` makes a terminal; its arguments are others elsewhere.
  test.skipIf(process.platform !== 'linux')('no source, where stdin is a terminal', async () => {
    const cwd = await scratchWithFiles();
    const { text } = await runBash(`script -qec '"$RAINSTORM_TEST_NODE" "$RAINSTORM_TEST_MAIN" run --stages identity' /dev/null < /dev/null; echo "status $?"`, { cwd });
    expect(text).toMatch(/the job has no source.*--src FILE.*status 2/s);
    await expectNothingLeft(cwd);
  });

  test('a port in use, for a leader and for a worker', async () => {
    const cwd = await scratch();
    const port = await takenPort();
    const says = [new RegExp(`127\\.0\\.0\\.1:${port}: the port is in use`), /Choose another port/];
    expectFailure(await runCli(['leader', '--listen', `127.0.0.1:${port}`], { cwd }), USAGE, says);
    const leader = await startLeader(cwd);
    const env = { RAINSTORM_TOKEN: leader.token };
    expectFailure(await runCli(['worker', '--leader', leader.url, '--listen', `127.0.0.1:${port}`], { cwd, env }), USAGE, says);
    expectFailure(await runCli(['worker', '--leader', leader.url, '--data-listen', `127.0.0.1:${port}`], { cwd, env }), USAGE, says);
  });

  test('a wrong token, none at all, and an empty token file', async () => {
    const cwd = await scratch({ ...FILES, 'token': 'not the right one\n', 'no-token': '\n' });
    const { url } = await startLeader(cwd);
    const job = ['run', '--leader', url, '--stages', 'filter=a', ...IN_AND_OUT];
    expectFailure(await runCli([...job, '--token-file', 'token'], { cwd }), USAGE, [/token is missing or wrong/, /--token-file/]);
    expectFailure(await runCli(job, { cwd }), USAGE, [/wants a token/, /--token-file/]);
    expectFailure(await runCli([...job, '--token-file', 'no-token'], { cwd }), USAGE, [/no-token is empty/]);
    expectFailure(await runCli(['worker', '--leader', url, '--token-file', 'token', '--data-dir', 'other'], { cwd }), USAGE, [/token is missing or wrong/]);
    expect(await readdir(cwd)).not.toContain('out');
  });

  test('a leader that does not answer', async () => {
    const cwd = await scratchWithFiles();
    const server = createServer();
    const { promise, resolve } = Promise.withResolvers<void>();
    server.listen(0, '127.0.0.1', resolve);
    await promise;
    const { port } = server.address() as AddressInfo;
    const closed = Promise.withResolvers<void>();
    server.close(() => closed.resolve());
    await closed.promise;
    const result = await runCli(['run', '--leader', `http://127.0.0.1:${port}`, '--stages', 'filter=a', ...IN_AND_OUT], { cwd, env: { RAINSTORM_TOKEN: 'any' } });
    expectFailure(result, FAILED, [new RegExp(`nobody answers at http://127\\.0\\.0\\.1:${port}`)]);
    await expectNothingLeft(cwd);
  });

  test('an address beyond this machine without a token', async () => {
    const cwd = await scratch();
    expectFailure(await runCli(['leader', '--listen', '0.0.0.0'], { cwd }), USAGE, [/listening on 0\.0\.0\.0/, /--token-file/]);
  });
});

async function scratchWithFiles(): Promise<string> {
  const cwd = await scratch(FILES);
  await mkdir(join(cwd, 'empty'));
  return cwd;
}

function expectFailure({ status, stdout, stderr }: CliResult, wanted: number, says: readonly RegExp[]): void {
  for (const pattern of says) expect(stderr).toMatch(pattern);
  expect(status, stderr).toBe(wanted);
  expect(stdout.length).toBe(0);
  // A stack trace is for bugs.
  expect(stderr).not.toMatch(/^\s+at |node:internal/m);
}

/** Neither a destination nor a partial file nor a lock; and what was there is as it was. */
async function expectNothingLeft(cwd: string): Promise<void> {
  const names = (await readdir(cwd)).filter((name) => name !== '.rainstorm');
  expect(new Set(names)).toEqual(new Set([...Object.keys(FILES).map((name) => name.split('/')[0]), 'empty']));
  expect(await readdir(join(cwd, 'full'))).toEqual(['part-00000']);
  expect(await readFile(join(cwd, 'existing'), 'utf8')).toBe(FILES.existing);
}

/** A port of this machine that somebody listens on while the test runs. */
async function takenPort(): Promise<number> {
  const server = createServer();
  const { promise, resolve } = Promise.withResolvers<void>();
  server.listen(0, '127.0.0.1', resolve);
  await promise;
  onTestFinished(() => void server.close());
  return (server.address() as AddressInfo).port;
}
