/** What goes in and out: stdin, stdout, files, folders, headers, and bytes of any kind. */
import { createHash, randomBytes } from 'node:crypto';
import { readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { output, runBash, runCli, scratch, shell, sortedLines, startCli } from './cli.ts';
import { rows } from './data.ts';
import { processesGone, waitFor } from './processes.ts';

const STOCK = 'name,colour,stock\nrose,red,3\ntulip,yellow,5\nlily,white,7\npoppy,red,2\n';

describe('in a shell pipe', () => {
  test('cat | run | head prints what the same pipe of plain commands prints', async () => {
    const cwd = await scratch({ 'in.csv': rows(5_000) });
    const wanted = await shell("grep Depot in.csv | cut -d, -f4 | head -3 || true", cwd);
    const { text, stderr } = await runBash(`cat in.csv | rainstorm run --quiet -s 'grep Depot' -s 'cut -d, -f4' | head -3; echo "\${PIPESTATUS[@]:1}"`, { cwd });
    expect(text).toBe(`${wanted.toString()}0 0\n`);
    expect(stderr).toBe('');
  });

  test('an aggregate behind a command counts the rows of stdin by column number', async () => {
    const cwd = await scratch({ 'in.csv': rows(5_000).toString().replaceAll(/"(?:[^"]|"")*"/g, 'quoted') });
    const wanted = await shell(`grep lost in.csv | cut -d, -f4 | sort | uniq -c | sed -E 's/^ *([0-9]+) (.*)/\\2,\\1/'`, cwd);
    const first = wanted.toString().split('\n').slice(0, 3).join('\n');
    const { text, stderr } = await runBash(`cat in.csv | rainstorm run --quiet -s 'grep lost' -s aggregate=4 | head -3; echo "\${PIPESTATUS[@]:1}"`, { cwd });
    expect(text).toBe(`${first}\n0 0\n`);
    expect(stderr).toBe('');
  });

  test('an endless stdin ends when the last stage has enough', async () => {
    const cwd = await scratch();
    const { text, stderr } = await runBash(`yes | rainstorm run --quiet -s 'head -n 10'; echo "\${PIPESTATUS[1]}"`, { cwd });
    expect(text).toBe(`${'y\n'.repeat(10)}0\n`);
    expect(stderr).toBe('');
  });

  test('an endless stdin ends when the reader of stdout has gone', async () => {
    const cwd = await scratch();
    const { text, stderr } = await runBash(`yes | rainstorm run --quiet -s 'cat :2' -s 'cat :2' | head -n 5; echo "\${PIPESTATUS[1]}"`, { cwd });
    expect(text).toBe(`${'y\n'.repeat(5)}0\n`);
    expect(stderr).toBe('');
  });

  test('what comes on stdin comes out while stdin is still open', async () => {
    const cwd = await scratch();
    const run = startCli(['run', '--quiet', '-s', 'tr a-z A-Z', '--line-buffered', '--data-dir', cwd], { cwd });
    const chunks: Buffer[] = [];
    run.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
    run.stdin.write('one\n');
    await waitFor('the first tuple', () => (Buffer.concat(chunks).toString() === 'ONE\n' ? true : undefined));
    run.stdin.end('two\n');
    expect((await run.result).status).toBe(0);
    expect(Buffer.concat(chunks).toString()).toBe('ONE\nTWO\n');
    await processesGone(cwd);
  });
});

describe('bytes', () => {
  test('a last line without newline is a tuple', async () => {
    const cwd = await scratch();
    expect((await output(['-s', 'cat'], { cwd, input: 'one\ntwo' })).toString()).toBe('one\ntwo\n');
    expect((await output(['--stages', 'aggregate=line'], { cwd, input: 'same\nsame' })).toString()).toBe('same,2\n');
  });

  test('an empty input is a job with no tuples', async () => {
    const cwd = await scratch({ 'empty.txt': '', 'empty.csv': '' });
    expect((await output(['-s', 'cat'], { cwd, input: '' })).length).toBe(0);
    expect((await output(['--stages', 'filter=x:2,aggregate=1:2', '--src', 'empty.csv'], { cwd })).length).toBe(0);
    const { status, stderr } = await runCli(['run', '--stages', 'identity', '--src', 'empty.txt', '--dest', 'out'], { cwd });
    expect([status, stderr]).toEqual([0, expect.stringContaining('0 tuples in, 0 out')]);
    expect((await readFile(join(cwd, 'out'))).length).toBe(0);
  });

  test.each(['identity', 'cmd=cat', 'cmd="cat | cat"', 'filter=/^/', 'identity,cmd=cat,identity'])('any byte but newline passes through %s unchanged', async (stages) => {
    const lines = Array.from({ length: 2_000 }, () => randomBytes(60).map((byte) => (byte === 0x0a ? 0 : byte)));
    const input = Buffer.concat([...lines, Buffer.from('\r\n\0\n"\n\xff\xfe\n', 'latin1')].flatMap((line) => [line, Buffer.from('\n')]));
    const cwd = await scratch({ 'in.bin': input });
    const printed = await output(['--stages', stages, '--src', 'in.bin'], { cwd });
    expect(digest(printed)).toBe(digest(input));
  });

  test('every byte that keys are made of groups as it is', async () => {
    const keys = ['\xff', '\xfe', '\0', 'a\rb', 'é', ' '];
    const input = Buffer.from(keys.concat(keys).map((key) => `${key}\n`).join(''), 'latin1');
    const printed = await output(['--stages', 'aggregate=line:3', '--format', 'lines'], { cwd: await scratch(), input });
    expect(printed.toString('latin1').split('\n').filter((line) => line !== '').every((line) => line.endsWith(',2'))).toBe(true);
    expect(sortedLines(printed).length).toBe(keys.length);
  });

  test('with one task per stage the order of the input is kept', async () => {
    const input = Array.from({ length: 200_000 }, (_, index) => `${index}\n`).join('');
    const cwd = await scratch({ 'in.txt': input });
    const printed = await output(['-s', 'cat', '-s', 'identity', '-s', 'cat | cat', '--src', 'in.txt', '--workers', '2'], { cwd });
    expect(printed.toString() === input).toBe(true);
  });

  test('a tuple of a mebibyte is a tuple like any other', async () => {
    const long = Buffer.alloc(1024 * 1024, 'x');
    const input = Buffer.concat([Buffer.from('first\n'), long, Buffer.from('\nlast\n'), long, Buffer.from('\n')]);
    const cwd = await scratch({ 'in.txt': input });
    const printed = await output(['-s', 'cat :2', '--stage', 'identity:2', '--src', 'in.txt', '--workers', '2'], { cwd });
    expect(sortedLines(printed).map((line) => line.length)).toEqual([5, 4, long.length, long.length]);
    expect((await output(['--stages', 'aggregate=line:2', '--src', 'in.txt'], { cwd })).length).toBe(long.length + 'first,1\nlast,1\n,2\n'.length);
  });

  test('a tuple past --max-tuple fails the job with its place', async () => {
    const cwd = await scratch({ 'in.txt': `short\n${'x'.repeat(5_000)}\n` });
    const ofSource = await runCli(['run', '-s', 'cat', '--src', 'in.txt', '--dest', 'out', '--max-tuple', '4KiB'], { cwd });
    expect(ofSource.status).toBe(1);
    expect(ofSource.stderr).toMatch(/in\.txt.*longer.*--max-tuple/s);
    const ofStage = await runCli(['run', '-s', `awk '{ print $0 $0 $0 }'`, '--src', 'in.txt', '--dest', 'out', '--max-tuple', '5001'], { cwd });
    expect(ofStage.status).toBe(1);
    expect(ofStage.stderr).toMatch(/stage 1.*longer.*--max-tuple/s);
    expect(await readdir(cwd)).not.toContain('out');
  });
});

describe('sources', () => {
  test('several files, a glob, a folder and a .gz give the tuples of them all', async () => {
    const cwd = await scratch({ 'd/a.txt': 'a1\na2', 'd/b.txt': 'b1\n', 'd/c.txt.gz': gzipSync('c1\nc2\n'), 'd/.hidden': 'no\n', 'd/deep/e.txt': 'e1\n' });
    const read = async (...src: string[]) => (await output(['-s', 'cat', '--src', ...src], { cwd })).toString();
    expect(await read('d/b.txt', 'd/a.txt')).toBe('b1\na1\na2\n');
    expect(await read('d/*.txt')).toBe('a1\na2\nb1\n');
    expect(await read('d/**/*.txt')).toBe('a1\na2\nb1\ne1\n');
    expect(await read('d')).toBe('a1\na2\nb1\nc1\nc2\n');
    expect(await read('d/c.txt.gz')).toBe('c1\nc2\n');
  });

  test('a gzipped CSV file is CSV', async () => {
    const cwd = await scratch({ 'in.csv.gz': gzipSync(STOCK) });
    expect((await output(['--stages', 'aggregate=colour', '--src', 'in.csv.gz'], { cwd })).toString()).toBe('colour,count\nred,2\nwhite,1\nyellow,1\n');
  });

  test('a named pipe and a shell substitution are read like files', async () => {
    const cwd = await scratch();
    const { text, stderr } = await runBash(`rainstorm run --quiet -s cat --src <(printf 'from a pipe\\n'); echo "$?"`, { cwd });
    expect([text, stderr]).toEqual(['from a pipe\n0\n', '']);
  });

  test('--rate lets the tuples come one after the other, all of them', async () => {
    const cwd = await scratch({ 'in.txt': 'a\nb\nc\nd\ne\n' });
    const rated = performance.now();
    expect((await output(['-s', 'cat', '--src', 'in.txt', '--rate', '5'], { cwd })).toString()).toBe('a\nb\nc\nd\ne\n');
    // No upper bound: that is a matter of the machine. The rate itself is a promise: the last of five comes after 0.8 s.
    expect(performance.now() - rated).toBeGreaterThan(800);
  });

  test('a rate that changes does so at its times: none, then one by one, then the rest at once', async () => {
    const lines = Array.from({ length: 1_000 }, (_, index) => `${index}\n`).join('');
    const cwd = await scratch({ 'in.txt': lines, 'job.yaml': 'stages: [cat]\nrate: 0,500ms:5,1500ms:100000\n' });
    for (const args of [['-s', 'cat', '--rate', '0,500ms:5,1500ms:100000'], ['job.yaml']]) {
      const rated = performance.now();
      expect((await output([...args, '--src', 'in.txt'], { cwd })).toString()).toBe(lines);
      // At 5 a second alone they would take more than three minutes, longer than any command here may run.
      expect(performance.now() - rated).toBeGreaterThan(1_500);
    }
  });
});

describe('headers', () => {
  const files = { 'in.csv': STOCK, 'more.csv': 'name,colour,stock\naster,blue,1\n' };
  const cases: readonly (readonly [string, readonly string[], string])[] = [
    ['row 1 is a tuple like any other by default', ['--stages', 'filter=o'], 'name,colour,stock\nrose,red,3\ntulip,yellow,5\npoppy,red,2\n'],
    ['--header consumes it, and the output begins with it', ['--stages', 'filter=red', '--header'], 'name,colour,stock\nrose,red,3\npoppy,red,2\n'],
    ['--no-output-header leaves it out', ['--stages', 'filter=red', '--header', '--no-output-header'], 'rose,red,3\npoppy,red,2\n'],
    ['a named column consumes it', ['--stages', 'aggregate=colour'], 'colour,count\nred,2\nwhite,1\nyellow,1\n'],
    ['a column by number behind --header is called as in the header', ['--stages', 'aggregate=2', '--header'], 'colour,count\nred,2\nwhite,1\nyellow,1\n'],
    ['transform by names keeps their order', ['--stages', 'transform="stock,name"'], 'stock,name\n3,rose\n5,tulip\n7,lily\n2,poppy\n'],
    ['names of a transform are those of what comes behind it', ['--stages', 'transform="stock,colour",sum=colour/stock'], 'colour,count,sum,min,max,mean\nred,2,5,2,3,2.5\nwhite,1,7,7,7,7\nyellow,1,5,5,5,5\n'],
    ['a key by name partitions a command', ['-s', 'cut -d, -f2 @colour'], 'red\nyellow\nwhite\nred\n'],
    ['a command last has no header of ours', ['-s', 'filter=red', '-s', 'cat', '--header'], 'rose,red,3\npoppy,red,2\n'],
  ];

  test.each(cases)('%s', async (_, args, wanted) => {
    expect((await output([...args, '--src', 'in.csv'], { cwd: await scratch(files) })).toString()).toBe(wanted);
  });

  test('each of several files has its own', async () => {
    const cwd = await scratch(files);
    expect((await output(['--stages', 'transform=name', '--src', 'in.csv', 'more.csv'], { cwd })).toString()).toBe('name\nrose\ntulip\nlily\npoppy\naster\n');
  });

  test('the header of stdin is looked at before the job is planned', async () => {
    const cwd = await scratch();
    const printed = await output(['--stages', 'aggregate=colour', '--format', 'csv'], { cwd, input: STOCK });
    expect(printed.toString()).toBe('colour,count\nred,2\nwhite,1\nyellow,1\n');
  });

  test('a column by number does not consume it: it is counted, and remarked on in one line', async () => {
    const cwd = await scratch(files);
    const { stderr, status, text } = await runCli(['run', '--quiet', '--stages', 'aggregate=2', '--src', 'in.csv'], { cwd });
    expect([status, text]).toEqual([0, 'colour,1\nred,2\nwhite,1\nyellow,1\n']);
    expect(stderr).toMatch(/^rainstorm: .*looks like a header.*--header[^\n]*\n$/);
  });
});

describe('destinations', () => {
  test('a file appears whole; a left-over partial file is replaced', async () => {
    const cwd = await scratch({ 'in.txt': 'a\nb\n', 'out.partial': 'left over from a job that died' });
    await output(['-s', 'cat', '--src', 'in.txt', '--dest', 'out'], { cwd });
    expect(await readFile(join(cwd, 'out'), 'utf8')).toBe('a\nb\n');
    expect((await readdir(cwd)).toSorted()).toEqual(['.rainstorm', 'in.txt', 'out']);
  });

  test('--overwrite replaces a result, and only when the job succeeds', async () => {
    const cwd = await scratch({ 'in.txt': 'new\n', out: 'old\n' });
    expect((await runCli(['run', '-s', 'false', '--src', 'in.txt', '--dest', 'out', '--overwrite'], { cwd })).status).toBe(1);
    expect(await readFile(join(cwd, 'out'), 'utf8')).toBe('old\n');
    await output(['-s', 'cat', '--src', 'in.txt', '--dest', 'out', '--overwrite'], { cwd });
    expect(await readFile(join(cwd, 'out'), 'utf8')).toBe('new\n');
  });

  test('out/ gets a part file for each task and _SUCCESS', async () => {
    const cwd = await scratch({ 'in.txt': Array.from({ length: 1_000 }, (_, index) => `${index}\n`).join('') });
    await output(['-s', 'cat @line:3', '--src', 'in.txt', '--dest', 'out/', '--workers', '2'], { cwd });
    const names = (await readdir(join(cwd, 'out'))).toSorted();
    expect(names).toEqual(['_SUCCESS', 'part-00000', 'part-00001', 'part-00002']);
    const parts = await Promise.all(names.slice(1).map((name) => readFile(join(cwd, 'out', name))));
    expect(parts.every((part) => part.length > 0)).toBe(true);
    expect(sortedLines(Buffer.concat(parts))).toEqual(sortedLines(await readFile(join(cwd, 'in.txt'))));
    // Its parts are a source in turn.
    expect(sortedLines(await output(['-s', 'cat', '--src', 'out'], { cwd })).length).toBe(1_000);
  });

  test('fewer parts over more, with --overwrite, leave none of the old', async () => {
    const cwd = await scratch({ 'in.txt': 'a\nb\nc\n' });
    await output(['-s', 'cat @line:4', '--src', 'in.txt', '--dest', 'out/'], { cwd });
    await output(['-s', 'cat @line:2', '--src', 'in.txt', '--dest', 'out/', '--overwrite'], { cwd });
    expect((await readdir(join(cwd, 'out'))).toSorted()).toEqual(['_SUCCESS', 'part-00000', 'part-00001']);
  });

  test('a header stands at the top of every part file', async () => {
    const cwd = await scratch({ 'in.csv': STOCK });
    await output(['--stages', 'aggregate=colour:2', '--src', 'in.csv', '--dest', 'out/'], { cwd });
    for (const part of ['part-00000', 'part-00001']) expect(await readFile(join(cwd, 'out', part), 'utf8')).toMatch(/^colour,count\n/);
  });

  test('- is stdout, and nothing else is printed there', async () => {
    const cwd = await scratch();
    const { status, text, stderr } = await runCli(['run', '--stages', 'identity', '--dest', '-'], { cwd, input: 'a\n' });
    expect([status, text]).toEqual([0, 'a\n']);
    expect(stderr).toMatch(/^rainstorm: done in .*: 1 tuples in, 1 out; logs in \.rainstorm\/jobs\/.*\n$/);
  });

  test('a device is written to directly', async () => {
    const cwd = await scratch();
    expect((await runCli(['run', '--quiet', '-s', 'cat', '--dest', '/dev/null'], { cwd, input: 'a\n' })).status).toBe(0);
  });

  test('the data folder tells git to leave it alone, and its task logs hold the output', async () => {
    const cwd = await scratch();
    await output(['-s', 'cat', '--log-tuples', 'all'], { cwd, input: 'a\rb\nSTART of nothing\n' });
    expect(await readFile(join(cwd, '.rainstorm', '.gitignore'), 'utf8')).toBe('*\n');
    const [job = ''] = await readdir(join(cwd, '.rainstorm', 'jobs'));
    const log = await readFile(join(cwd, '.rainstorm', 'jobs', job, 'logs', '1-0.log'), 'utf8');
    expect(log).toMatch(/ OUTPUT 1-0#0 a\\rb\n/);
    expect(log).toMatch(/ OUTPUT 1-0#1 START of nothing\n/);
    expect(log.match(/^\S+ START /gm)?.length).toBe(1);
  });

  test('the output may be read while it is written to a file of its own by the shell', async () => {
    const cwd = await scratch();
    await writeFile(join(cwd, 'in.txt'), rows(3_000));
    const { text } = await runBash(`rainstorm run --quiet -s 'grep lost' --src in.txt > out; cmp out <(grep lost in.txt) && echo same`, { cwd });
    expect(text).toBe('same\n');
  });
});

function digest(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
