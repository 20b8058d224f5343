import { describe, expect, test } from 'vitest';
import { CHECK_LIMIT_MS, check, finding, verdict } from './harness.ts';

const LINES = Array.from({ length: 30 }, (_, index) => `k${index % 5} ${index % 4}\n`).join('');

describe('exit status', { timeout: CHECK_LIMIT_MS }, () => {
  test('a program that fails on an empty input would fail a task without tuples', async () => {
    const result = await check("awk '{ print } END { exit NR == 0 ? 4 : 0 }'", LINES);
    expect(finding(result, 'exit-status')).toMatchObject({ verdict: 'no', why: expect.stringContaining('okExit: [4]') });
    expect(result.contracts).toEqual(['replay', 'restart', 'fold']);
  });

  test('grep may find nothing, and a stage may allow more', async () => {
    expect(verdict(await check('grep k', LINES), 'exit-status')).toBe('yes');
  });

  test('a program that crashes satisfies nothing, and its last words are told', async () => {
    const result = await check("sh -c 'cat > /dev/null; echo out of luck >&2; exit 7'", LINES);
    expect(finding(result, 'exit-status')).toMatchObject({ verdict: 'no', why: expect.stringMatching(/exited with status 7, and said: out of luck$/) });
    expect(result).toMatchObject({ contracts: [], advice: undefined });
    expect(verdict(result, 'deterministic')).toBe('unknown');
  });

  test('a program that prints nothing shows nothing', async () => {
    const result = await check('grep nothing-like-it', LINES);
    expect(finding(result, 'deterministic')).toMatchObject({ verdict: 'unknown', why: expect.stringContaining('--sample') });
    expect(result.contracts).toEqual([]);
  });
});

describe('reading and printing', { timeout: CHECK_LIMIT_MS }, () => {
  test.each([
    ['cat', 'yes', 'at once'],
    ['grep --line-buffered k', 'yes', 'at once'],
    ['grep k', 'no', 'in blocks'],
    ['sort', 'no', 'at the end'],
    ['wc -l', 'no', 'at the end'],
  ])('%s prints at once: %s (%s)', async (command, expected, prints) => {
    expect(finding(await check(command, LINES), 'prints-at-once')).toMatchObject({ verdict: expected, prints });
  });

  test('head does not read all its input, cat does', async () => {
    expect(verdict(await check('head -n 5', LINES), 'reads-all-input')).toBe('no');
    expect(verdict(await check('cat', LINES), 'reads-all-input')).toBe('yes');
  });

  test('an output without a last newline is told', async () => {
    expect(finding(await check("awk '{ printf \"%s;\", $1 }'", LINES), 'reads-all-input').why).toContain('no newline');
  });
});

describe('unusual tuples', { timeout: CHECK_LIMIT_MS }, () => {
  test.each(['cat', 'cut -d " " -f1', 'grep k1', 'sort'])('%s copes with all', async (command) => {
    const result = await check(command, LINES);
    expect([verdict(result, 'empty-lines'), verdict(result, 'long-lines'), verdict(result, 'any-bytes')]).toEqual(['yes', 'yes', 'yes']);
  });

  test('empty lines that make it fail', async () => {
    const result = await check("awk 'NF == 0 { exit 9 } { print }'", LINES);
    expect(finding(result, 'empty-lines')).toMatchObject({ verdict: 'no', why: expect.stringContaining('status 9') });
  });

  test('long lines that it cuts', async () => {
    expect(finding(await check('fold -w 1000', LINES), 'long-lines')).toMatchObject({ verdict: 'no', why: expect.stringContaining('1000') });
  });

  test('bytes that it changes', async () => {
    expect(verdict(await check('iconv -f latin1 -t utf8', LINES), 'any-bytes')).toBe('no');
  });

  test('bytes that it refuses', async () => {
    expect(finding(await check('iconv -f utf8 -t utf8', LINES), 'any-bytes')).toMatchObject({ verdict: 'no', why: expect.stringContaining('exited with status 1') });
  });

  test('what a count prints shows nothing of them', async () => {
    expect(verdict(await check('wc -l', LINES), 'any-bytes')).toBe('unknown');
  });
});

describe('dying', { timeout: CHECK_LIMIT_MS }, () => {
  test('a chain dies cleanly, whichever process is killed', async () => {
    expect(finding(await check('cat | sort | uniq -c', LINES), 'dies-cleanly')).toMatchObject({ verdict: 'yes', why: expect.stringContaining('whichever') });
  });

  test('shell text does not: one process of it may die alone', async () => {
    expect(finding(await check('sort | uniq -c; true', LINES), 'dies-cleanly')).toMatchObject({ verdict: 'no', why: expect.stringContaining('bash') });
  });

  test('something that is printed because of a death is found, and shown', async () => {
    // The parent prints nothing, and so is not killed, before its child has left its group.
    const child = 'setpgrp; syswrite W, "x"; select undef, undef, undef, 0.01 while getppid == $parent; print "boo\\n"';
    const program = `$| = 1; $parent = $$; pipe R, W; $child = fork; if ($child) { sysread R, $_, 1; print while <STDIN>; kill 9, $child; waitpid $child, 0 } else { close STDIN; ${child} }`;
    const result = await check(`perl -e '${program}'`, LINES);
    expect(result.contracts).toContain('restart');
    expect(finding(result, 'dies-cleanly')).toMatchObject({ verdict: 'no', why: expect.stringContaining('was killed something was printed'), example: { got: 'boo' } });
  });

  test.runIf(process.platform === 'linux')('a program that leaves others behind is told so', async () => {
    const result = await check("sh -c 'setsid sleep 1000 > /dev/null 2>&1 & exec cat'", LINES);
    expect(finding(result, 'dies-cleanly')).toMatchObject({ verdict: 'no', why: expect.stringContaining('live on') });
  });
});
