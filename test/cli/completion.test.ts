/** What shells complete, asked of the shells themselves. */
import { spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, afterAll, describe, expect, test } from 'vitest';
import { bashCompletion } from '../../src/cli/completion-bash.ts';
import { fishCompletion } from '../../src/cli/completion-fish.ts';
import { completionWords } from '../../src/cli/completion-words.ts';
import { zshCompletion } from '../../src/cli/completion-zsh.ts';
import { makeProgram } from '../../src/cli/program.ts';

const LIMIT_MS = 15_000;

const program = makeProgram(() => undefined);
const words = completionWords(program);

let folder = '';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rainstorm-completion-'));
  await Promise.all([['rainstorm.bash', bashCompletion(words)], ['_rainstorm', zshCompletion(words)], ['rainstorm.fish', fishCompletion(words)],
    ['my job.yaml', ''], ['my trips.csv', '']].map(([name = '', text = '']) => writeFile(join(folder, name), text)));
});

afterAll(() => rm(folder, { recursive: true, force: true }));

function ask(shell: string, script: string): { readonly printed: string[]; readonly complaints: string } {
  const { stdout, stderr, error } = spawnSync(shell, ['-c', script], { cwd: folder, encoding: 'utf8', timeout: LIMIT_MS });
  if (error !== undefined) throw error;
  return { printed: stdout.split('\n').filter((line) => line !== ''), complaints: stderr };
}

function has(shell: string): boolean {
  return spawnSync(shell, ['-c', 'exit 0'], { timeout: LIMIT_MS }).status === 0;
}

/** What bash would offer behind these words, the last of which is being typed. */
function inBash(...typed: readonly string[]): string[] {
  const line = ['rainstorm', ...typed].map((word) => `'${word}'`).join(' ');
  const { printed, complaints } = ask('bash', `source ./rainstorm.bash; COMP_WORDS=(${line}); COMP_CWORD=${typed.length}; "$(complete -p rainstorm | sed 's/.*-F \\([^ ]*\\).*/\\1/')"; printf '%s\\n' "\${COMPREPLY[@]}"`);
  expect(complaints).toBe('');
  return printed;
}

describe('bash', () => {
  test('offers every command, by each of its names', () => {
    const names = program.commands.flatMap((command) => [command.name(), ...command.aliases()]);
    expect(names.length).toBeGreaterThan(14);
    expect(inBash('')).toEqual([...names, '--help', '--version']);
    expect(inBash('sc')).toEqual(['scale']);
  });

  test('offers the flags of the command, and no others', () => {
    const run = program.commands.find((command) => command.name() === 'run');
    expect(inBash('run', '--')).toEqual([...(run?.options ?? []).map(({ long }) => long), '--help']);
    expect(inBash('jobs', '--da')).toEqual(['--data-dir']);
    expect(inBash('jobs', '--stages')).toEqual([]);
  });

  test('offers the words that a flag or an argument takes', () => {
    expect(inBash('run', '--quiet', '--format', '')).toEqual(['csv', 'lines']);
    expect(inBash('run', '--delivery', 'ex')).toEqual(['exactly-once']);
    // As it takes --format=c apart.
    expect(inBash('run', '--format', '=', 'c')).toEqual(['csv']);
    expect(inBash('run', '--format', '=')).toEqual(['csv', 'lines']);
    expect(inBash('completion', 'z')).toEqual(['zsh']);
  });

  test('offers paths where there are to be paths, with spaces in them too', () => {
    expect(inBash('run', 'my')).toEqual(expect.arrayContaining(['my job.yaml', 'my trips.csv']));
    expect(inBash('run', '--src', 'my t')).toEqual(['my trips.csv']);
  });

  test('offers nothing for what nobody can guess', () => {
    expect(inBash('run', '--rate', '')).toEqual([]);
    expect(inBash('scale', '')).toEqual([]);
  });
});

describe('fish', () => {
  const inFish = (typed: string) => ask('fish', `source ./rainstorm.fish; complete -C '${typed}'`).printed.map((line) => line.split('\t')[0]);

  test.skipIf(!has('fish'))(`offers commands, flags, words and paths${has('fish') ? '' : ' (there is no fish on PATH)'}`, () => {
    expect(inFish('rainstorm sca')).toEqual(['scale']);
    expect(inFish('rainstorm jobs --da')).toEqual(['--data-dir']);
    expect(inFish('rainstorm run --format ')).toEqual(['csv', 'lines']);
    expect(inFish('rainstorm run --src my')).toHaveLength(2);
    expect(inFish('rainstorm run --rate ')).toEqual([]);
    expect(inFish('rainstorm completion z')).toEqual(['zsh']);
  });
});

describe('zsh', () => {
  test.skipIf(!has('zsh'))(`takes its completion without a complaint, and knows it for the command${has('zsh') ? '' : ' (there is no zsh on PATH)'}`, () => {
    const { printed, complaints } = ask('zsh', 'fpath=(. $fpath); autoload -U compinit && compinit -u -D; source ./_rainstorm; echo $_comps[rainstorm]; functions _rainstorm > /dev/null && echo known');
    expect(complaints).toBe('');
    expect(printed).toEqual(['_rainstorm', 'known']);
  });

  test('is given each value that a flag takes', () => {
    const script = zshCompletion(words);
    expect(script).toContain(`'*--format[what a tuple is (default\\: csv for files that end in .csv, else lines)]:value:(csv lines)'`);
    expect(script).toContain(':value:_files');
  });
});

test('every command has an example in its help', () => {
  const without = program.commands.filter((command) => {
    let help = '';
    command.configureOutput({ writeOut: (text) => (help += text) });
    command.outputHelp();
    return !/^Examples?:\n +(?:rainstorm|source) /m.test(help);
  });
  expect(without.map((command) => command.name())).toEqual([]);
});
